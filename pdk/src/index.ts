export { apiVersion, definePlugin, phaseNames, protocols } from './plugin.ts'
export type { Awaitable, Definition, Instance, PhaseName, Phases, Plugin } from './plugin.ts'
export type { Allowance, Bucket, Buckets } from './counting/bucket.ts'
export type * from './contexts.ts'
export type {
  Added,
  AddFor,
  AddOptions,
  AddUntil,
  Clock,
  Counters,
  Kit,
  Learned,
  Log,
  LogFields,
  NodeCounters,
  Part,
  Once,
  OnceOptions,
  Returns,
  Shared,
} from './kit.ts'
export type { Infer, Input, ObjectSchema, Schema } from './schema/schema.ts'
export { customFieldsFields, lineWriter } from './records/custom-fields.ts'
export type { CustomFields } from './records/custom-fields.ts'
export { jsonLine } from './records/json-line.ts'
export { ipv4Between, ipv4Number, ipv6Between } from './ip-number.ts'
export { checkLimitKey, limitKey, limitKeyFields, limitPhase } from './counting/limit-key.ts'
export type { LimitKeyConfig } from './counting/limit-key.ts'
export type {
  Counter,
  FigureGroup,
  Gauge,
  GaugeOptions,
  Histogram,
  HistogramOptions,
  Labels,
  MetricOptions,
  Metrics,
  NoLabels,
} from './metrics/metrics.ts'
export { FollowedSource } from './sources/followed-source.ts'
export type { Follower } from './sources/followed-source.ts'
export { assertKeeps } from './sources/kept-copy.ts'
export { examineSource } from './sources/source.ts'
export { checkSourceFields, sourceFields } from './sources/source-fields.ts'
export type { SourceTerms } from './sources/source.ts'
export { EntryCounts } from './sinks/entry-counts.ts'
export type { LossReason } from './sinks/entry-counts.ts'
export { LineOutbox } from './sinks/line-outbox.ts'
export type { LineOutboxOptions } from './sinks/line-outbox.ts'
export { Outbox } from './sinks/outbox.ts'
export type { Loss, OutboxOptions } from './sinks/outbox.ts'
export { DatagramSink } from './sinks/datagram-sink.ts'
export type { DatagramDestination } from './sinks/datagram-sink.ts'
export { startDeadline } from './deadline.ts'
export type { Deadline } from './deadline.ts'
export { reasonOf } from './reason-of.ts'
export { serverFields } from './sinks/server-fields.ts'
export { ServerTrust, tlsFields } from './sinks/server-trust.ts'
export type { TlsConfig } from './sinks/server-trust.ts'
export { StreamSink } from './sinks/stream-sink.ts'
export type { StreamDestination } from './sinks/stream-sink.ts'
export { returnTime } from './counting/parts.ts'
export { slot } from './slot.ts'
export type { Slot } from './slot.ts'
export { passthrough, reject, terminate } from './verdicts.ts'
export type {
  ClientCertificateRequest,
  Passthrough,
  RejectOptions,
  Rejection,
  Terminate,
  TlsDecision,
} from './verdicts.ts'
