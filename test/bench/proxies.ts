import { existsSync, mkdirSync, writeFileSync } from 'node:fs'

import { loadAddon } from '../../core/src/transport/native/addon.ts'
import { configureKong } from './kong.ts'
import { loopback } from './network.ts'
import type { ProxyName } from './options.ts'
import { isInstalled, start, version, type Started } from './processes.ts'
import { guarded, type Route, type Site } from './site.ts'

export interface Proxy {
  readonly name: ProxyName
  readonly title: string
  /** What is missing, if the proxy cannot be run here. */
  readonly missing: string | undefined
  version(): string
  /** Done once for a site, before it is started for the first time. */
  prepare(site: Site): Promise<void> | void
  start(site: Site): Started
}

const command = new URL('../../core/bin/kong-ts', import.meta.url).pathname
const main = new URL('../../core/src/main.ts', import.meta.url).pathname
const streamModule = '/usr/lib/nginx/modules/ngx_stream_module.so'
const asRoot = process.getuid?.() === 0 ? 'user root;' : ''

function startKong({ folder, routes, adminPort }: Site, transport: string): Started {
  const listen = routes.map((route) => `${loopback}:${route.listen}`).join(', ')
  return start(command, ['start', '-p', folder], {
    KONG_STREAM_LISTEN: listen,
    KONG_ADMIN_LISTEN: `${loopback}:${adminPort}`,
    KONG_WORKER_PROCESSES: '1',
    KONG_TRANSPORT: transport,
    KONG_ACCESS_LOG: 'off',
  })
}

/** The head of a configuration of nginx: one worker, nothing written but complaints. */
export function nginxHead(folder: string): string {
  const load = existsSync(streamModule) ? `load_module ${streamModule};` : ''
  return `${load}${asRoot}
worker_processes 1; worker_rlimit_nofile 16384; daemon off;
pid ${folder}/nginx.pid; error_log ${folder}/error.log crit;
events { worker_connections 8192; }`
}

const nginxGuard = 'allow 127.0.0.0/8; deny all; limit_conn clients 65000; access_log'

function nginxServer({ name, listen, upstream }: Route, folder: string): string {
  const guard =
    name === guarded ? `${nginxGuard} ${folder}/connections.log line buffer=64k flush=1s;` : ''
  return `server { listen ${loopback}:${listen} backlog=511; ${guard} proxy_pass ${loopback}:${upstream}; }`
}

const nginxStream = `limit_conn_zone $binary_remote_addr zone=clients:1m;
log_format line '$remote_addr $time_iso8601 $status $bytes_sent $bytes_received $session_time $upstream_addr';`

const haproxyGuard = `
  acl allowed src 127.0.0.0/8
  stick-table type ip size 100k expire 60s store conn_rate(1s)
  tcp-request connection track-sc0 src
  tcp-request connection reject if !allowed
  tcp-request connection reject if { sc0_conn_rate gt 1000000 }
  log stdout format raw local0
  option tcplog`

function haproxySection({ name, listen, upstream }: Route): string {
  const guard = name === guarded ? haproxyGuard : ''
  return `listen ${name}\n  bind ${loopback}:${listen}${guard}\n  server upstream ${loopback}:${upstream}`
}

function kongTs(transport: 'native' | 'portable', missing: string | undefined): Proxy {
  return {
    name: transport,
    title: `kong-ts, ${transport}`,
    missing: existsSync(main) ? missing : 'core/src/main.ts',
    version: () => version(command, ['version']),
    prepare: async (site) => {
      mkdirSync(site.folder, { recursive: true })
      const gateway = startKong(site, transport)
      try {
        await configureKong(site)
      } finally {
        await gateway.stop()
      }
    },
    start: (site) => startKong(site, transport),
  }
}

function missingAddon(): string | undefined {
  const addon = loadAddon()
  return 'missing' in addon ? `the native transport (${addon.missing})` : undefined
}

export const proxies: readonly Proxy[] = [
  kongTs('native', missingAddon()),
  kongTs('portable', undefined),
  {
    name: 'nginx',
    title: 'nginx stream',
    missing: isInstalled('nginx') ? undefined : 'nginx-light and libnginx-mod-stream',
    version: () => version('nginx', ['-v']),
    prepare: ({ folder, routes }) => {
      mkdirSync(folder, { recursive: true })
      const servers = routes.map((route) => nginxServer(route, folder)).join('\n')
      writeFileSync(
        `${folder}/nginx.conf`,
        `${nginxHead(folder)}\nstream {\n${nginxStream}\n${servers}\n}\n`,
      )
    },
    start: ({ folder }) =>
      start('nginx', ['-p', folder, '-c', `${folder}/nginx.conf`, '-e', `${folder}/error.log`]),
  },
  {
    name: 'haproxy',
    title: 'HAProxy',
    missing: isInstalled('haproxy') ? undefined : 'haproxy',
    version: () => version('haproxy', ['-v']),
    prepare: ({ folder, routes }) => {
      mkdirSync(folder, { recursive: true })
      const head = `global\n  nbthread 1\n  maxconn 8000\ndefaults\n  mode tcp
  timeout connect 60s\n  timeout client 60s\n  timeout server 60s`
      const sections = routes.map(haproxySection).join('\n')
      writeFileSync(`${folder}/haproxy.cfg`, `${head}\n${sections}\n`)
    },
    start: ({ folder }) => start('haproxy', ['-db', '-q', '-f', `${folder}/haproxy.cfg`]),
  },
]
