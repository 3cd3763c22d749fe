"""A stack of its own, because these tests change its keys."""

from collections.abc import Generator

import pytest

from pipeline_local.programs import APPLICATIONS
from pipeline_local.stack import LocalStack
from tests.support.changing_keys import Ceremony
from tests.support.openbao import OpenBao, running_openbao
from tests.support.stack import create_stack, running


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[LocalStack]:
    with running(create_stack(tmp_path_factory.mktemp("stack"))) as stack:
        yield stack


@pytest.fixture(scope="package")
def pipeline(stack: LocalStack) -> LocalStack:
    stack.start_services(APPLICATIONS)
    return stack


@pytest.fixture(scope="package")
def ceremony(pipeline: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Ceremony:
    ceremony = Ceremony(pipeline, tmp_path_factory.mktemp("computers"))
    ceremony.lay_out()
    return ceremony


@pytest.fixture(scope="session")
def openbao(tmp_path_factory: pytest.TempPathFactory) -> Generator[OpenBao]:
    with running_openbao(tmp_path_factory.mktemp("openbao")) as server:
        yield server
