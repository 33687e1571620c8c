"""The data of `facts/baselines.md`: real MLflow stores, filled fast."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np

from rundetails import create_store


class Store:
    """An MLflow store on disk."""

    def __init__(self, folder: Path, name: str) -> None:
        from mlflow import MlflowClient

        self.path = folder / f"{name}.db"
        create_store(f"sqlite:///{self.path}")
        self.client = MlflowClient(f"sqlite:///{self.path}")
        self.experiment = self.client.create_experiment("bench")

    def run(self, name: str = "bench", ended: bool = False) -> str:
        identity = self.client.create_run(self.experiment, run_name=name).info.run_id
        if ended:
            self.client.set_terminated(identity)
        return identity

    def fill(self, run: str, metric: str, values: np.ndarray, start: int = 0) -> None:
        """Points one second apart, written as MLflow's own tables have them."""
        steps = range(start, start + len(values))
        rows = [
            (metric, float(value), 1_700_000_000_000 + step * 1000, run, step, 0)
            for step, value in zip(steps, values, strict=True)
        ]
        with sqlite3.connect(self.path) as connection:
            connection.executemany(
                "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, ?)", rows
            )
            connection.execute(
                "INSERT OR REPLACE INTO latest_metrics (key, value, timestamp, run_uuid, step, is_nan) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                rows[-1],
            )
        connection.close()


def many_metrics(folder: Path, metrics: int = 20, points: int = 10_000, name: str = "d1") -> tuple[Store, str]:
    """D1: one run, 20 metrics × 10,000 points."""
    store = Store(folder, name)
    run = store.run()
    for metric, curve in curves(metrics, points).items():
        store.fill(run, metric, curve)
    return store, run


def spike(folder: Path, points: int = 1_000_000) -> tuple[Store, str]:
    """D2: one metric, a million points between 0.5 and 1.5, one of them 100."""
    store = Store(folder, "d2")
    run = store.run()
    store.fill(run, "loss", spiky(points))
    return store, run


def curves(metrics: int = 20, points: int = 10_000) -> dict[str, np.ndarray]:
    """Falling and noisy, by name."""
    noise = np.random.default_rng(0)
    falling = np.exp(-np.arange(points) / (points / 4))
    names = [f"{'train' if index % 2 else 'val'}/metric_{index:02}" for index in range(metrics)]
    return {name: falling + noise.normal(0, 0.03, points) for name in names}


def spiky(points: int = 1_000_000) -> np.ndarray:
    """Between 0.5 and 1.5, and once 100."""
    values = np.random.default_rng(0).uniform(0.5, 1.5, points)
    values[points * 7 // 9] = 100
    return values
