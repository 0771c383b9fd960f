import { existsSync, mkdirSync, writeFileSync } from 'node:fs'

import { serverName, type Identity } from './identity.ts'
import { loopback } from './network.ts'
import { start, type Started } from './processes.ts'
import type { Route, Site } from './site.ts'

const streamModule = '/usr/lib/nginx/modules/ngx_stream_module.so'
const asRoot = process.getuid?.() === 0 ? 'user root;' : ''

/** The head of a configuration of nginx: one worker, nothing written but complaints. */
export function nginxHead(folder: string, connections: number): string {
  const load = existsSync(streamModule) ? `load_module ${streamModule};` : ''
  return `${load}${asRoot}
worker_processes 1; daemon off;
pid ${folder}/nginx.pid; error_log ${folder}/error.log crit;
events { worker_connections ${connections}; }`
}

/** What a server of nginx needs to end TLS as the others do. */
export function nginxTls({ certificate, key }: Identity): string {
  return `ssl_certificate ${certificate}; ssl_certificate_key ${key}; ssl_protocols TLSv1.3;`
}

const log = `limit_conn_zone $binary_remote_addr zone=clients:1m;
log_format line '$remote_addr $time_iso8601 $status $bytes_sent $bytes_received $session_time $upstream_addr';`
const guard = 'allow 127.0.0.0/8; deny all; limit_conn clients 65000; access_log'

/** By the name that the client asks for, as an operator would choose. */
function byName({ name, upstream }: Route): string {
  const variable = `chosen_${name.replaceAll('-', '_')}`
  return `upstream ${name} { server ${loopback}:${upstream}; }
map $ssl_preread_server_name $${variable} { ${serverName} ${name}; }`
}

function passTo({ name, carries, upstream }: Route): string {
  if (carries !== 'sni') return `proxy_pass ${loopback}:${upstream};`
  return `ssl_preread on; proxy_pass $chosen_${name.replaceAll('-', '_')};`
}

function server(route: Route, { folder, identity }: Site): string {
  const ends = route.carries === 'tls' && identity !== undefined
  const listen = `listen ${loopback}:${route.listen}${ends ? ' ssl' : ''} backlog=511;`
  const guarded = route.guarded
    ? `${guard} ${folder}/connections.log line buffer=64k flush=1s;`
    : ''
  return `server { ${listen} ${ends ? nginxTls(identity) : ''} ${guarded} ${passTo(route)} }`
}

export function prepareNginx(site: Site): void {
  const { folder, routes, connections } = site
  mkdirSync(folder, { recursive: true })
  const names = routes.filter(({ carries }) => carries === 'sni').map(byName)
  const servers = routes.map((route) => server(route, site))
  const stream = [log, ...names, ...servers].join('\n')
  // Each connection has two ends; the listeners and channels count, too.
  const head = nginxHead(folder, connections * 2 + 128)
  writeFileSync(`${folder}/nginx.conf`, `${head}\nstream {\n${stream}\n}\n`)
}

export function startNginx(folder: string): Started {
  return start('nginx', ['-p', folder, '-c', `${folder}/nginx.conf`, '-e', `${folder}/error.log`])
}
