/** The entities as they are stored and served: every field present, null where nothing is set. */
export interface Row {
  readonly id: string
  readonly created_at: number
  readonly updated_at: number
  readonly tags: readonly string[] | null
}

export interface Reference {
  readonly id: string
}

export interface Service extends Row {
  readonly name: string | null
  readonly protocol: string
  readonly host: string
  readonly port: number
  readonly path: string | null
  readonly retries: number | null
  readonly connect_timeout: number | null
  readonly write_timeout: number | null
  readonly read_timeout: number | null
  readonly client_certificate: Reference | null
  readonly tls_verify: boolean | null
  readonly tls_verify_depth: number | null
  readonly ca_certificates: readonly string[] | null
  readonly enabled: boolean
  readonly proxy_protocol?: ProxyVersion
  readonly proxy_protocol_tlvs?: ProxyTlvs
}

export type ProxyVersion = 'v1' | 'v2'

/** What a PROXY header of version 2 tells beside the addresses; what is not set is not sent. */
export interface ProxyTlvs {
  readonly authority?: boolean | null
  readonly alpn?: boolean | null
  readonly ssl?: boolean | null
  readonly unique_id?: boolean | null
  readonly crc32c?: boolean | null
  /** Text by type, as `0xE4`. */
  readonly custom?: Readonly<Record<string, string>> | null
}

export interface AddressMatch {
  readonly ip: string | null
  readonly port: number | null
}

export interface Route extends Row {
  readonly name: string | null
  readonly protocols: readonly string[]
  readonly sources: readonly AddressMatch[] | null
  readonly destinations: readonly AddressMatch[] | null
  readonly snis: readonly string[] | null
  readonly service: Reference | null
  /** Whether the client's SNI goes to the upstream. */
  readonly preserve_host: boolean
  /** From here on: kept and served as Kong does for stream routes, without effect. */
  readonly methods: readonly string[] | null
  readonly hosts: readonly string[] | null
  readonly paths: readonly string[] | null
  readonly headers: Readonly<Record<string, readonly string[] | null>> | null
  readonly strip_path: boolean
  readonly request_buffering: boolean
  readonly response_buffering: boolean
  readonly https_redirect_status_code: number
  readonly regex_priority: number | null
  readonly path_handling: string | null
}

export interface Certificate extends Row {
  readonly cert: string
  readonly key: string
  readonly cert_alt: string | null
  readonly key_alt: string | null
}

export interface Sni extends Row {
  readonly name: string
  readonly certificate: Reference
}

export interface CaCertificate extends Row {
  readonly cert: string
  readonly cert_digest: string
}

export interface PluginRow extends Row {
  readonly name: string
  readonly instance_name: string | null
  readonly service: Reference | null
  readonly route: Reference | null
  readonly consumer: Reference | null
  readonly config: Readonly<Record<string, unknown>>
  readonly protocols: readonly string[]
  readonly enabled: boolean
  readonly mode?: 'enforce' | 'shadow'
  readonly on_error?: 'close' | 'open' | 'disable'
  readonly timeout_ms?: number
}

/** How the health of a target is found out; kept as it is written, with Kong's defaults. */
export type HealthChecks = Readonly<Record<string, unknown>>

export interface Upstream extends Row {
  /** The host of the services that it serves. */
  readonly name: string
  readonly algorithm: string | null
  readonly hash_on: string | null
  readonly hash_fallback: string | null
  readonly hash_on_header: string | null
  readonly hash_fallback_header: string | null
  readonly hash_on_cookie: string | null
  readonly hash_on_cookie_path: string | null
  readonly hash_on_query_arg: string | null
  readonly hash_fallback_query_arg: string | null
  readonly hash_on_uri_capture: string | null
  readonly hash_fallback_uri_capture: string | null
  readonly slots: number | null
  readonly healthchecks: HealthChecks | null
  readonly host_header: string | null
  readonly client_certificate: Reference | null
  readonly use_srv_name: boolean | null
  readonly hash_on_slot?: string
  readonly hash_on_ipv4_prefix?: number
  readonly hash_on_ipv6_prefix?: number
  readonly max_connections?: number
  readonly queue_size?: number
  readonly queue_timeout?: number
  readonly slow_start?: number
  readonly on_unhealthy?: 'keep' | 'close'
  readonly on_unhealthy_window?: number
  readonly preconnect?: number
  readonly proxy_protocol?: ProxyVersion
  readonly proxy_protocol_tlvs?: ProxyTlvs
}

/** Its times are seconds with milliseconds behind the point. */
export interface TargetRow extends Row {
  readonly upstream: Reference
  /** `host:port` or `[ipv6]:port`, as it was normalised. */
  readonly target: string
  readonly weight: number | null
  readonly max_connections?: number
  readonly marks?: Marks
}

/**
 * What an operator says of the addresses of a target, as `ip:port` (IPv6 with all its digits, in brackets) or `*` for
 * all others: whether they are healthy. Never served, and kept by writes of the target.
 */
export type Marks = Readonly<Record<string, boolean>>

/** From here on: kept and served for clients that ask for them, without effect on layer 4. */
export interface Consumer extends Row {
  readonly username: string | null
  readonly custom_id: string | null
}

export interface KeySet extends Row {
  readonly name: string | null
}

export interface KeyRow extends Row {
  readonly name: string | null
  readonly set: Reference | null
  readonly kid: string
  readonly jwk: string | null
  readonly pem: { readonly private_key: string | null; readonly public_key: string | null } | null
}

export interface Vault extends Row {
  readonly prefix: string
  readonly name: string
  readonly description: string | null
  readonly config: Readonly<Record<string, unknown>> | null
}

export interface Rows {
  services: Service
  routes: Route
  upstreams: Upstream
  targets: TargetRow
  certificates: Certificate
  snis: Sni
  ca_certificates: CaCertificate
  plugins: PluginRow
  consumers: Consumer
  keys: KeyRow
  key_sets: KeySet
  vaults: Vault
}

export type EntityName = keyof Rows

export type Change<E extends EntityName = EntityName> = E extends EntityName
  ?
      | { readonly op: 'put'; readonly entity: E; readonly row: Rows[E] }
      | { readonly op: 'delete'; readonly entity: E; readonly id: string }
  : never

/** One write: what changed between two revisions of the configuration. */
export interface Delta {
  readonly base: number
  readonly revision: number
  readonly changes: readonly Change[]
}

/** The whole configuration at a revision. */
export interface Snapshot {
  readonly revision: number
  readonly rows: { readonly [E in EntityName]: readonly Rows[E][] }
}
