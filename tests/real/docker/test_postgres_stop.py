"""Stopping PostgreSQL: at once whoever is connected, and the next start has nothing to recover."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .database import READY, Client, query, restart, was_clean
from .waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Run


@pytest.mark.parametrize("signal", [None, "TERM", "QUIT"], ids=["stop", "TERM", "QUIT"])
def test_clients_do_not_hold_it_up(
    postgres: str, run: Run, database: Callable[..., list[str]], signal: str | None
) -> None:
    container = run(postgres, *database())
    container.wait_for(READY)
    query(container, "create table kept (n int); insert into kept values (1)")
    clients = [Client(container, name) for name in ("idle", "open", "busy")]
    clients[0].send("select 1;", "idle")
    clients[1].send("begin; insert into kept values (2);", "idle in transaction")
    clients[2].send("select pg_sleep(600);", "active")

    if signal is None:
        assert container.stop() < 5
    else:
        container.kill(signal)
    assert container.wait() == 0
    for client in clients:
        client.close()

    assert was_clean(restart(container))
    assert query(container, "select n from kept") == "1"
    container.stop()
    assert container.wait() == 0


def test_hup_reloads(postgres: str, run: Run, database: Callable[..., list[str]]) -> None:
    container = run(postgres, *database())
    container.wait_for(READY)
    query(container, "alter system set work_mem = '5MB'")
    assert query(container, "show work_mem") != "5MB"
    container.kill("HUP")
    container.wait_for("received SIGHUP, reloading configuration files")
    eventually(lambda: query(container, "show work_mem") == "5MB", "the new setting applies")
    assert container.stop() < 5
    assert container.wait() == 0
