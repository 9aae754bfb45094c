"""What a trained head of the recognizer must reach for a domain."""

import streamlit as st

from app.components import heading
from app.views.domains_edit import key
from core.records.domains import Domain, RecognizerGates


def edit(began: Domain) -> RecognizerGates:
    """Draw the gates and return them as they stand."""
    was = began.recognizer_gates
    heading.section("Recognizer's gates", "a trained head is taken into use when every domain's gates hold")
    first, second, third, fourth = st.columns(4)
    accuracy = first.number_input("Accuracy, at least", 0.0, 1.0, was.min_accuracy, 0.01, key=key(began, "gate.accuracy"))
    latency = second.number_input("ms a document, at most", 1.0, None, float(was.max_latency_ms), 50.0, key=key(began, "gate.latency"))
    training = third.number_input("Training loss, at most", 0.0, None, was.max_training_loss, 0.05, key=key(began, "gate.training"))
    validation = fourth.number_input(
        "Validation loss, at most", 0.0, None, was.max_validation_loss, 0.05, key=key(began, "gate.validation")
    )
    return RecognizerGates(
        min_accuracy=accuracy, max_latency_ms=latency, max_training_loss=training, max_validation_loss=validation
    )  # fmt: skip
