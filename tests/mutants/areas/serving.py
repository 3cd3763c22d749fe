"""Faults of all listeners: the end of a body, the choice of a connection to close, public paths."""

from tests.mutants.model import Mutant

PROTOCOL = "shared/pipeline_shared/runtime/protocol.py"
CONNECTIONS = "shared/pipeline_shared/runtime/connections.py"
UPGRADE = "tests/integration/test_upgrade.py"
PORTS = "tests/integration/test_operations_port.py"
BOOK = "tests/unit/shared/test_connections.py"
PROCESS = "shared/pipeline_shared/runtime/process.py"
DRAIN = "tests/integration/test_drain.py"
ONCE_MORE = f"{DRAIN}::test_a_copy_that_drains_is_not_ready_and_answers_each_connection_once_more"
BEGUN = f"{DRAIN}::test_after_the_drain_nobody_new_comes_in_and_what_has_begun_is_answered"

MUTANTS = (
    Mutant(
        "a-proposal-of-another-protocol-drops-the-body",
        PROTOCOL,
        "                data = data[proposal.args[0] :]\n",
        "                data = data[len(data) :]\n",
        (f"{UPGRADE}::test_a_submission_that_proposes_another_protocol_is_accepted_like_any_other",),
    ),
    Mutant(
        "nonsense-is-answered-before-the-submission-ahead-of-it",
        PROTOCOL,
        "        if self._owes_answers():\n            self._last_words = words\n        elif not",
        "        if not",
        (f"{UPGRADE}::test_a_submission_is_answered_before_the_nonsense_after_it_is_refused",),
    ),
    Mutant(
        "the-newest-connection-goes-instead-of-the-one-that-has-waited-longest",
        CONNECTIONS,
        "for connection in self._waiting.get(address, {}):",
        "for connection in reversed(self._waiting.get(address, {})):",
        (f"{BOOK}::test_who_has_waited_longest_goes_first",),
    ),
    Mutant(
        "a-connection-whose-request-is-in-hand-may-be-let-go",
        CONNECTIONS,
        "            self._no_longer_waiting(connection)\n            self._in_hand[connection] = asking",
        "            self._in_hand[connection] = asking",
        (f"{BOOK}::test_a_request_in_hand_is_never_let_go_and_a_newcomer_is_not_for_the_sake_of_nobody",),
    ),
    Mutant(
        "everybody-is-believed-about-addresses",
        CONNECTIONS,
        "if not self.limits.proxies or not self.is_proxy(peer):",
        "if not self.limits.proxies:",
        (f"{BOOK}::test_only_the_word_of_a_proxy_of_ours_counts_and_of_it_the_last_address_that_is_not_ours",),
    ),
    Mutant(
        "health-and-metrics-are-back-on-a-public-port",
        "services/triage/triage_service/main.py",
        "routes=[*site.routes(), *pages],",
        "routes=[*runtime.operations().routes, *site.routes(), *pages],",
        (f"{PORTS}::test_the_public_port_answers_for_operations_addresses_as_for_any_that_is_none",),
    ),
    Mutant(
        "accepted-submissions-are-counted-by-category",
        "shared/pipeline_shared/runtime/metrics.py",
        '"pipeline_accepted", "Submissions accepted, repetitions not counted"',
        '"pipeline_accepted", "Submissions accepted, repetitions not counted", ["category"]',
        ("tests/unit/deploy/test_observability.py::test_no_label_of_a_metric_can_stand_for_who_submitted",),
    ),
    Mutant(
        "a-child-of-a-killed-service-goes-on",
        "shared/pipeline_shared/runtime/child.py",
        "    _die_with(parent)\n",
        "",
        ("tests/integration/test_nothing_stays.py::test_nothing_of_a_service_outlives_it",),
    ),
    Mutant(
        "a-killed-process-is-taken-for-one-that-runs",
        "deploy/local/pipeline_local/processes.py",
        "                self._running[name][1].wait(KILLED_WITHIN_SECONDS)\n",
        "                pass\n",
        ("tests/unit/local/test_processes.py::test_a_killed_process_may_start_again_under_its_name",),
    ),
    Mutant(
        "downloads-do-not-trust-what-the-system-trusts",
        "deploy/local/pipeline_local/downloads.py",
        "    truststore.inject_into_ssl()\n",
        "",
        ("tests/integration/test_downloads.py::test_an_authority_that_is_named_is_trusted",),
    ),
    Mutant(
        "what-may-wait-goes-first",
        "shared/pipeline_shared/runtime/child.py",
        "    os.nice(niceness)\n",
        "",
        ("tests/integration/test_children.py::test_what_may_wait_lets_others_go_first",),
    ),
    Mutant(
        "a-process-that-drains-says-that-it-is-ready",
        PROCESS,
        "        if self._draining.is_set():\n            return JSONResponse",
        "        if not self._draining:\n            return JSONResponse",
        (ONCE_MORE,),
    ),
    Mutant(
        "a-process-ends-before-a-balancer-can-know",
        "shared/pipeline_shared/runtime/server.py",
        "await asyncio.sleep(self._drain_seconds)",
        "await asyncio.sleep(0)",
        (ONCE_MORE,),
    ),
    Mutant(
        "connections-are-kept-during-the-drain",
        PROTOCOL,
        "if self._book.draining and not self.pipeline:",
        "if self._book.draining and self.pipeline:",
        (ONCE_MORE,),
    ),
    Mutant(
        "a-request-that-has-begun-is-cut-off-at-the-end",
        PROTOCOL,
        "        if not self._has_begun:\n            super().shutdown()",
        "        super().shutdown()",
        (BEGUN,),
    ),
)
