"""`hotline train`: learns categories and types from confirmed tickets; only a person puts a model to use."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from hotline.commands import settings, stop_with


def train(
    use: Annotated[bool, typer.Option("--use", help="Put the candidates of an earlier run to use.")] = False,
) -> None:
    """Train candidate models and compare them with those in use on tickets that neither has learnt from."""
    from config.city import load_city
    from config.city_files import CityError
    from hotline.learning import TooFew, candidate_path, learn, put_to_use
    from models.database import DATABASE_AWAY, open_database
    from models.migration import DatabaseTooNew, migrate

    found = settings()
    try:
        city = load_city(found.city)
    except CityError as error:
        stop_with(str(error), 78)
    if use:
        switched = put_to_use(city)
        if not switched:
            stop_with(f"There is no candidate in {city.folder}: run `hotline train` first.")
        print("\n".join(f"{path.name} is in use; the one before is {path.stem}.before.npz." for path in switched))
        return
    try:
        import sklearn  # noqa: F401 - only asked whether it is there
    except ModuleNotFoundError:
        stop_with("Training needs scikit-learn: install hotline with its `ml` extra.")
    database = open_database(found.database_url)
    try:
        found.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        migrate(found.database_url)
        learnt = learn(city, database, datetime.now(UTC).date())
    except (TooFew, DatabaseTooNew) as error:
        stop_with(str(error))
    except DATABASE_AWAY as error:
        stop_with(f"The database cannot be reached: {error}.")
    except OSError as error:
        stop_with(f"The candidates cannot be written beside the models in use: {error}.")
    finally:
        database.dispose()
    print(f"{'model':<12}{'learnt from':>12}{'held out':>10}{'in use':>9}{'candidate':>11}")
    for one in learnt:
        in_use = "-" if one.comparison.in_use is None else f"{one.comparison.in_use:.3f}"
        print(f"{one.name:<12}{one.examples:>12}{one.comparison.held_out:>10}{in_use:>9}{one.comparison.new:>11.3f}")
        print(f"  {candidate_path(one.path)}")
    print(
        "In use and candidate: share of held-out tickets labelled right. "
        "`hotline train --use` switches to the candidates."
    )
