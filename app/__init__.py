"""Everything that speaks Streamlit or HTTP and is not a page."""
