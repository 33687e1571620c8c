"""What never reaches a notebook, a log or an error."""

import pytest

from rundetails.redact import redact


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("postgresql://ada:s3cret@db/mlflow", "s3cret"),
        ("https://store.example/logs/70_driver_log.txt?sv=2019&sig=abc%2Fdef", "abc"),
        ("Authorization: Bearer abcdefgh12345678", "abcdefgh12345678"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "eyJzdWIi"),
        ("MLFLOW_TRACKING_TOKEN=abc123 was refused", "abc123"),
        ('{"api_key": "xyz-123"}', "xyz-123"),
        ("password = 'hunter2'", "hunter2"),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "ghp_abc"),
    ],
)
def test_secrets_are_hidden(text, secret):
    assert secret not in redact(text)
    assert "[hidden]" in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "val/loss",
        "token_accuracy",
        "https://mlflow.example/#/experiments/1",
        "3 tokens per second",
        "max_tokens=512",
        "pad_token: <pad>",
        "tokenizer=bert-base-uncased",
        "C:\\runs\\a",
    ],
)
def test_ordinary_text_stays_as_it_is(text):
    assert redact(text) == text


@pytest.mark.parametrize(
    "secret",
    [
        "Basic YWRhOmh1bnRlcjI",
        "BEARER abcdefgh12345678",
        "postgresql://ada@db/mlflow",
        "password:hunter2",
        "gho_abcdefghijklmnopqrstuvwxyz0123456789",
        "AKIAABCDEFGHIJKLMNOP",
        "sk-abcdefghijklmnopqrstuvwxyz",
        "hf_abcdefghijklmnopqrstuvwxyz",
        "dapi0123456789abcdef0123456789abcdef",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.",
    ],
)
def test_no_kind_of_secret_is_passed_over_for_lack_of_a_sign(secret):
    assert "[hidden]" in redact(secret)
