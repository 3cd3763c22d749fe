"""The simulator's one page: what the police hold, for people to see after the demonstration."""

import json
from collections.abc import Sequence
from datetime import datetime

from jinja2 import Environment

from pipeline_local.police.ledger import Stored
from pipeline_shared.ui.rendering import bdi, moment

TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Police records (simulated): OFFICIAL</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1rem; color: #0b0c0c }
  .marking { text-align: center; font-weight: 700; letter-spacing: .05em; margin: 0 }
  table { border-collapse: collapse; width: 100% }
  th, td { text-align: left; padding: .5rem; border-bottom: 1px solid #b1b4b6; vertical-align: top }
  code { white-space: nowrap }
  summary { cursor: pointer } pre { white-space: pre-wrap; max-width: 60rem }
</style>
</head>
<body>
<p class="marking">OFFICIAL</p>
<h1>Police records (simulated)</h1>
<p>{{ total }} record{{ "" if total == 1 else "s" }} received from partnership intelligence, newest first.
{% if total > records | length %}The newest {{ records | length }} are shown.{% endif %}
This stands for the police force's own records system; every record in it is made up.</p>
{% if records %}
<table>
  <thead><tr>
    <th scope="col">Reference</th><th scope="col">Received</th><th scope="col">Priority</th><th scope="col">Record</th>
  </tr></thead>
  <tbody>
  {% for record in records %}
  <tr data-record-ref="{{ record.envelope.record_ref }}">
    <th scope="row"><code>{{ record.reference }}</code></th>
    <td>{{ record.received_at | moment }}</td>
    <td>{{ record.envelope.priority }}</td>
    <td><details><summary>{{ record.summary | bdi }}</summary><pre>{{ record.pretty | bdi }}</pre></details></td>
  </tr>
  {% endfor %}
  </tbody>
</table>
{% else %}
<p>Nothing has been transferred yet.</p>
{% endif %}
<p class="marking">OFFICIAL</p>
</body>
</html>
"""


def records_page(records: Sequence[Stored], *, total: int) -> str:
    """Return the page of the newest records."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(bdi=bdi, moment=moment)
    return environment.from_string(TEMPLATE).render(records=[_shown(record) for record in records], total=total)


def _shown(stored: Stored) -> dict[str, object]:
    envelope = json.loads(stored.envelope)
    event = envelope["event"]
    return {
        "reference": stored.reference,
        "received_at": datetime.fromisoformat(stored.received_at),
        "envelope": envelope,
        "summary": event["title"] or event["category"].replace("_", " "),
        "pretty": json.dumps(envelope, indent=2, ensure_ascii=False),
    }
