"""The settings this process was started with. Knows nothing heavy, so the entry point can use it before the first page."""

from core.settings import Settings, load_settings

_given: list[Settings] = []


def choose(settings: Settings) -> None:
    """Fix the settings for this process; the last call holds."""
    _given[:] = [settings]


def settings() -> Settings:
    """The chosen settings, else those of file and environment (`streamlit run` chooses none).

    Raises:
        SettingsError: a setting that cannot be used.
    """
    if not _given:
        _given.append(load_settings())
    return _given[0]
