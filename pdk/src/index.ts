export { apiVersion, definePlugin, phaseNames, protocols } from './plugin.ts'
export type { Awaitable, Definition, Instance, PhaseName, Phases, Plugin } from './plugin.ts'
export type { Allowance, Bucket, Buckets } from './bucket.ts'
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
export type { Infer, Input, ObjectSchema, Schema } from './schema.ts'
export { customFieldsFields, lineWriter } from './custom-fields.ts'
export type { CustomFields } from './custom-fields.ts'
export { jsonLine } from './json-line.ts'
export { ipv4Between, ipv4Number, ipv6Between } from './ip-number.ts'
export { checkLimitKey, limitKey, limitKeyFields, limitPhase } from './limit-key.ts'
export type { LimitKeyConfig } from './limit-key.ts'
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
} from './metrics.ts'
export { FollowedSource } from './followed-source.ts'
export type { Follower } from './followed-source.ts'
export { assertKeeps } from './kept-copy.ts'
export { examineSource } from './source.ts'
export type { SourceTerms } from './source.ts'
export { EntryCounts } from './entry-counts.ts'
export type { LossReason } from './entry-counts.ts'
export { LineOutbox } from './line-outbox.ts'
export type { LineOutboxOptions } from './line-outbox.ts'
export { Outbox } from './outbox.ts'
export type { Loss, OutboxOptions } from './outbox.ts'
export { DatagramSink } from './datagram-sink.ts'
export type { DatagramDestination } from './datagram-sink.ts'
export { startDeadline } from './deadline.ts'
export type { Deadline } from './deadline.ts'
export { reasonOf } from './reason-of.ts'
export { serverFields } from './server-fields.ts'
export { ServerTrust, tlsFields } from './server-trust.ts'
export type { TlsConfig } from './server-trust.ts'
export { StreamSink } from './stream-sink.ts'
export type { StreamDestination } from './stream-sink.ts'
export { returnTime } from './parts.ts'
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
