import type { AddressMatch, Route } from '../entities/rows.ts'

/** A route that sets nothing but what is given. */
export function route(fields: Partial<Route> & { readonly id: string }): Route {
  return {
    name: null,
    created_at: 0,
    updated_at: 0,
    tags: null,
    protocols: ['tcp'],
    sources: null,
    destinations: null,
    snis: null,
    service: null,
    preserve_host: false,
    methods: null,
    hosts: null,
    paths: null,
    headers: null,
    strip_path: true,
    request_buffering: true,
    response_buffering: true,
    https_redirect_status_code: 426,
    regex_priority: null,
    path_handling: null,
    ...fields,
  }
}

/** `10.0.0.0/8`, `10.0.0.1:80`, `[fd00::]/8:80`, `:80`: an entry of sources or destinations. */
export function entry(text: string): AddressMatch {
  const groups = /^(?:\[(?<v6>[^\]]+)\](?<bits>\/\d+)?|(?<v4>[\d./]*))(?::(?<port>\d+))?$/.exec(
    text,
  )?.groups
  if (!groups) throw new Error(`not an entry: ${text}`)
  const { v6, bits = '', v4, port } = groups
  const ip = v6 === undefined ? v4 : v6 + bits
  return { ip: ip || null, port: port === undefined ? null : Number(port) }
}

export const entries = (...texts: string[]): AddressMatch[] => texts.map((text) => entry(text))
