"""What the templates are given: a contract in the words of the code that is written from it."""

from __future__ import annotations

from dataclasses import dataclass, field

from assay_codegen.annotations import Shape
from assay_codegen.media import EncodingView


@dataclass(frozen=True, slots=True)
class Argument:
    """A keyword of a method, and the parameter that it becomes."""

    name: str
    type: str
    required: bool
    description: str
    default: str
    wire: str
    location: str
    style: str
    explode: bool
    shape: Shape | None
    media: str = ""
    allow_reserved: bool = False


@dataclass(frozen=True, slots=True)
class BodyView:
    """What a request carries. Of a form, `encodings` and `files` say how properties are written; `omit` are read-only places."""

    name: str
    type: str
    required: bool
    media: str
    description: str
    encodings: tuple[EncodingView, ...] = ()
    files: tuple[str, ...] = ()
    omit: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class PageView:
    """How the pages of a list are followed: by the cursor at `next`, or by an offset as far as `total` or `more` says."""

    argument: str
    items: str
    item: str
    next: str | None = None
    total: str | None = None
    more: str | None = None
    invalid: str | None = None


@dataclass(frozen=True, slots=True)
class JobView:
    """How a job is followed by the operation that reads it: constants of the other operations, and expressions on its response."""

    argument: str
    type: str
    state: str
    final: tuple[str, ...]
    succeeded: tuple[str, ...]
    progress: str | None
    phase: str | None
    cancel: str | None
    result: str | None
    result_type: str


@dataclass(frozen=True, slots=True)
class ServerView:
    """One server: its address, and each variable's name, default and choices."""

    url: str
    variables: tuple[tuple[str, str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class ReplyView:
    """The response of one status: its type, and what reads its body."""

    status: str
    type: str
    decode: str


@dataclass(frozen=True, slots=True)
class OperationView:
    """One operation."""

    id: str
    constant: str
    name: str
    method: str
    path: str
    summary: str
    arguments: tuple[Argument, ...]
    answer: str
    replies: tuple[ReplyView, ...]
    models: tuple[str, ...]
    accept: str
    body: BodyView | None
    idempotency: str | None
    version: str | None
    revalidates: bool
    pages: PageView | None
    errors: tuple[str, ...]
    failures: tuple[ReplyView, ...]
    security: tuple[tuple[str, ...], ...] | None
    tags: tuple[str, ...]
    deprecated: bool
    job: JobView | None = None
    server: ServerView | None = None

    @property
    def decode(self) -> str:
        """What reads the body of a success response whose status has no reader of its own."""
        return self.replies[0].decode

    @property
    def decodes(self) -> tuple[ReplyView, ...]:
        """The success responses, where bodies have a type by status."""
        return self.replies if len({reply.type for reply in self.replies}) > 1 else ()


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message of a stream, read as state, step or beat."""

    model: str
    kind: str
    sequence: str
    tenant: str
    version: str
    entities: str
    epoch: str = ""


@dataclass(frozen=True, slots=True)
class ChangesView:
    """The changes since an earlier state: the model of one, and where they, their end and the number of one stand."""

    model: str
    items: str
    truncated: str
    sequence: str


@dataclass(frozen=True, slots=True)
class StreamView:
    """One channel."""

    id: str
    constant: str
    name: str
    title: str
    summary: str
    address: str
    arguments: tuple[Argument, ...]
    tenant_argument: str | None
    numbering: str
    silence: float | None
    discriminator: str
    type_at: tuple[str, ...]
    kinds: tuple[str, ...]
    closes: tuple[tuple[int, str], ...]
    messages: tuple[MessageView, ...]
    entity: str
    identity: str
    resync: OperationView
    after_argument: str
    state: MessageView
    changes: ChangesView


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel without a state to follow: the types of its messages, and the arguments of its address; `single` for one model."""

    id: str
    constant: str
    name: str
    title: str
    summary: str
    address: str
    arguments: tuple[Argument, ...]
    receives: tuple[str, ...]
    sends: tuple[str, ...]
    single: bool


@dataclass(frozen=True, slots=True)
class ErrorView:
    """One code of the taxonomy."""

    code: str
    name: str
    category: str
    parent: str
    status: int
    retry: str


@dataclass(frozen=True, slots=True)
class SchemeView:
    """One security scheme."""

    id: str
    kind: str
    name: str
    token_url: str = ""
    discovery: str = ""


@dataclass(frozen=True, slots=True)
class GroupView:
    """The operations of one tag: the attribute of a client, its class, and each method's name there and in the client."""

    name: str
    title: str
    tag: str
    summary: str
    methods: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ContractView:
    """The whole contract."""

    id: str
    version: str
    digest: str
    client: str
    title: str
    major: str
    version_header: str | None
    version_at: tuple[str, ...]
    correlation_header: str | None
    correlation_pattern: str | None
    envelope: tuple[tuple[str, tuple[str, ...]], ...]
    retries: tuple[tuple[str, str], ...]
    own_categories: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...]
    operations: tuple[OperationView, ...]
    streams: tuple[StreamView, ...]
    channels: tuple[ChannelView, ...]
    errors: tuple[ErrorView, ...]
    arguments: tuple[Argument, ...]
    shapes: tuple[Shape, ...]
    schemes: tuple[SchemeView, ...]
    servers: tuple[ServerView, ...]
    models: tuple[str, ...]
    groups: tuple[GroupView, ...] = ()

    model_names: frozenset[str] = field(init=False, repr=False, compare=False)
    """The models, to look one up."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "model_names", frozenset(self.models))
