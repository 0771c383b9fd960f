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
}

export interface Rows {
  services: Service
  routes: Route
  certificates: Certificate
  snis: Sni
  ca_certificates: CaCertificate
  plugins: PluginRow
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
