"""What people read about settings is what the class says."""

from __future__ import annotations

from models.config import Settings
from tests.house.checkout import load_script, text_of

AGAIN = "run `make settings`"


def test_env_example_lists_every_setting() -> None:
    assert text_of(".env.example") == load_script("settings").env_example(), AGAIN


def test_a_copied_env_example_changes_nothing() -> None:
    assert Settings(_env_file=".env.example") == Settings(_env_file=None)


def test_readme_table_is_up_to_date() -> None:
    readme = text_of("README.md")

    assert readme == load_script("settings").with_table(readme), AGAIN


def test_every_setting_says_what_it_does() -> None:
    assert [name for name, info in Settings.model_fields.items() if not info.description] == []
