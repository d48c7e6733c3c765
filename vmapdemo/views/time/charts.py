"""A chart on the page: it can be kept as a picture, and has no other tools."""

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def show(figure: go.Figure, key: str, place: DeltaGenerator | None = None) -> None:
    """Draw it there, or where the script is. Pointing at it shows a button that saves it as SVG."""
    config = {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "svg", "filename": f"vmapdemo_{key}"},
    }
    (place or st).plotly_chart(figure, key=key, config=config)
