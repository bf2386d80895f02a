"""Schemathesis asks the generic API whatever its document allows, and what it does not: all answers are declared.

Few examples of each operation, the same every time; `EXAMPLES` more of them find more.
"""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from fakes.names import SYSTEMS
from tests.parity.company import face_of

pytestmark = pytest.mark.filterwarnings("default")  # its own dependencies warn of what they will drop

EXAMPLES = 3
FEW = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
ADMITTED = {"Authorization": "Bearer sk_test_tieout"}
# A contract may fit its schema and contradict itself, and a key may be used for another request: that is refused.
EXCLUDED = [positive_data_acceptance]


def asked(operation, mode):
    """How many examples of an operation were asked and answered as the document has it."""
    count = 0

    @FEW
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        nonlocal count
        count += 1
        case.call_and_validate(headers=ADMITTED, excluded_checks=EXCLUDED)

    ask()
    return count


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_answer_is_a_server_error_or_undeclared(system):
    schema = schemathesis.openapi.from_asgi("/openapi.json", face_of(system).app)
    operations = [found.ok() for found in schema.get_all_operations()]
    for mode in GenerationMode:
        assert sum(asked(operation, mode) for operation in operations) > len(operations)
