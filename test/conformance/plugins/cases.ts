import type { Plugin } from '@kong-ts/pdk'
import type { Dial } from '@kong-ts/pdk/testing'
import { fillIn } from '../../../pdk/src/testing/dial.ts'
import { plugins } from './plugins.ts'

/** Where a case happens: addresses of its own. */
export interface Place {
  /** The client's address. */
  readonly from: string
  /** `host:port` of the service, and of a server beside it. */
  readonly listed: string
  readonly other: { readonly host: string; readonly port: number }
}

/** Who the client is, when it is asked for a certificate. */
export interface Identity {
  readonly cert: string
  readonly key: string
}

/** A plugin, its configuration, and what clients do: one route, over which the dials are made one after the other. */
export interface Case {
  readonly title: string
  readonly plugin: Plugin
  readonly dials: readonly Dial[]
  config(place: Place, identity: Identity): object
  /** The instance is global: phase accept knows no route yet. */
  readonly global: boolean
  /** The client sends its ClientHello and nothing more, and hears what comes as it is. */
  readonly helloOnly: boolean
  /** The service's own address refuses the connection. */
  readonly down: boolean
}

export interface Options {
  readonly title?: string
  readonly config?: Case['config']
  readonly global?: boolean
  readonly helloOnly?: boolean
  readonly down?: boolean
}

/** Nobody listens here: where a case wants a connect to fail. */
export const closed = { host: '127.0.0.1', port: 1 }
export const alsoClosed = { host: '127.0.0.1', port: 2 }

const nothing = (): object => ({})
export const toOther: Case['config'] = ({ other }) => other
export const toClosed: Case['config'] = () => closed

/** Dials that need routes of their own become cases of their own. */
export function on(plugin: Plugin, dials: readonly Dial[] = [{}], options: Options = {}): Case[] {
  const {
    title = plugin.name,
    config = nothing,
    global = false,
    helloOnly = false,
    down = false,
  } = options
  const byRoute = Map.groupBy(dials, (dial) => {
    const { protocol, service, retries } = fillIn(dial)
    return [
      protocol,
      service ? '' : ', no service',
      retries === 5 ? '' : `, ${retries} retries`,
    ].join('')
  })
  return [...byRoute].map(([route, own]) => {
    const named = byRoute.size === 1 ? title : `${title} (${route})`
    return { title: named, plugin, dials: own, config, global, helloOnly, down }
  })
}

export function small(name: string, dials?: readonly Dial[], options: Options = {}): Case[] {
  const plugin = plugins.get(name)
  if (!plugin) throw new Error(`there is no plugin ${name}`)
  return on(plugin, dials, { title: name, ...options })
}

export const tls: Dial = { sni: 'db.example', alpn: ['postgresql'] }
export const opaque: Dial = { ...tls, protocol: 'tls_passthrough' }
export const silent: Dial = { bytes: '', ends: false }
export const bob = { subject: 'CN=bob', names: ['DNS:bob.example'] }
export const stranger = { ...bob, verified: false, failure: 'DEPTH_ZERO_SELF_SIGNED_CERT' }
export const withCa: Case['config'] = (_, { cert }) => ({ ca: cert })
