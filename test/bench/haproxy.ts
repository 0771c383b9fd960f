import { mkdirSync, writeFileSync } from 'node:fs'

import { serverName } from './identity.ts'
import { loopback } from './network.ts'
import { start, type Started } from './processes.ts'
import type { Route, Site } from './site.ts'

const guard = `
  acl allowed src 127.0.0.0/8
  stick-table type ip size 100k expire 60s store conn_rate(1s)
  tcp-request connection track-sc0 src
  tcp-request connection reject if !allowed
  tcp-request connection reject if { sc0_conn_rate gt 1000000 }
  log stdout format raw local0
  option tcplog`

/** By the name that the client asks for, as an operator would choose. */
function byName({ name, listen, upstream }: Route, guarded: string): string {
  return `frontend ${name}
  bind ${loopback}:${listen}${guarded}
  tcp-request inspect-delay 5s
  tcp-request content accept if { req.ssl_hello_type 1 }
  use_backend ${name}-chosen if { req.ssl_sni -i ${serverName} }
backend ${name}-chosen
  server upstream ${loopback}:${upstream}`
}

function section(route: Route, { identity }: Site): string {
  const { name, carries, listen, upstream } = route
  const guarded = route.guarded ? guard : ''
  if (carries === 'sni') return byName(route, guarded)
  const tls = carries === 'tls' && identity !== undefined ? ` ssl crt ${identity.both}` : ''
  return `listen ${name}
  bind ${loopback}:${listen}${tls}${guarded}
  server upstream ${loopback}:${upstream}`
}

/** @param splice whether bytes are to be moved by splice(2), which HAProxy does only when it is told to */
export function prepareHaproxy(site: Site, splice: boolean): void {
  const { folder, routes, connections } = site
  mkdirSync(folder, { recursive: true })
  // It wants descriptors for its pipes, too, and is not measured with many connections.
  const most = splice ? 1000 : connections
  const head = `global\n  nbthread 1\n  maxconn ${most}\ndefaults\n  mode tcp
  timeout connect 60s\n  timeout client 60s\n  timeout server 60s`
  const spliced = splice ? '  option splice-request\n  option splice-response' : ''
  const sections = routes.map((route) => section(route, site))
  writeFileSync(`${folder}/haproxy.cfg`, `${[head, spliced, ...sections].join('\n')}\n`)
}

export function startHaproxy(folder: string): Started {
  return start('haproxy', ['-db', '-q', '-f', `${folder}/haproxy.cfg`])
}
