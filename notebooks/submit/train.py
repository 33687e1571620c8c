"""Teaches a network digits; watched by the notebook beside it."""

import argparse
import time

import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

from rundetails import Run

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.01, help="learning rate")
parser.add_argument("--epochs", type=int, default=40)
parser.add_argument(
    "--pause", type=float, default=0.1, help="seconds between two epochs, so that there is time to look"
)
parser.add_argument("--samples", type=int, default=1_000)
given = parser.parse_args()

run = Run.get_context()
digits = load_digits()
x_train, x_test, y_train, y_test = train_test_split(
    digits.data / 16, digits.target, train_size=given.samples, random_state=0, stratify=digits.target
)
print(f"{len(x_train)} digits to learn, {len(x_test)} to be tried on")

network = MLPClassifier((32,), learning_rate_init=given.lr, random_state=0)
for epoch in range(given.epochs):
    network.partial_fit(x_train, y_train, classes=range(10))
    accuracy = network.score(x_test, y_test)
    run.log("train/loss", network.loss_, step=epoch)
    run.log("val/accuracy", accuracy, step=epoch)
    if epoch % 10 == 9:
        # What the first 32 neurons look at, as a picture of 4 × 8 of them.
        weights = network.coefs_[0].T.reshape(4, 8, 8, 8).transpose(0, 2, 1, 3).reshape(32, 64)
        run.log_image("weights", plot=(weights - weights.min()) / np.ptp(weights), step=epoch)
        print(f"epoch {epoch + 1}: accuracy {accuracy:.3f}")
    time.sleep(given.pause)

guessed = network.predict(x_test)
for digit in range(10):
    of_it = y_test == digit
    run.log_row("by digit", digit=digit, tried=int(of_it.sum()), right=float((guessed[of_it] == digit).mean()))
run.log_confusion_matrix(
    "confusion",
    {
        "schema_type": "confusion_matrix",
        "schema_version": "1.0.0",
        "data": {
            "class_labels": [str(digit) for digit in range(10)],
            "matrix": confusion_matrix(y_test, guessed).tolist(),
        },
    },
)
np.savez("outputs/network.npz", *network.coefs_)
print("done")
