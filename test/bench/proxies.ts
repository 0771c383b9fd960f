import { existsSync } from 'node:fs'

import { loadAddon } from '../../core/src/transport/native/addon.ts'
import { prepareHaproxy, startHaproxy } from './haproxy.ts'
import { kongCommand, prepareKong, startKong, type Transport } from './kong.ts'
import { prepareNginx, startNginx } from './nginx.ts'
import { figureNames, type FigureName, type ProxyName } from './options.ts'
import { isInstalled, version, type Started } from './processes.ts'
import type { Site } from './site.ts'

export interface Proxy {
  readonly name: ProxyName
  readonly title: string
  /** What is missing, if the proxy cannot be run here. */
  readonly missing: string | undefined
  readonly figures: readonly FigureName[]
  /** A connection with nothing between: it costs no proxy anything, and has no plugins. */
  readonly isDirect: boolean
  version(): string
  /** Done once for a site, before it is started for the first time. */
  prepare(site: Site): Promise<void> | void
  start(site: Site): Standing
}

/** What a proxy is while it runs; a direct connection has no process. */
export type Standing = Omit<Started, 'pid'> & { readonly pid: number | undefined }

function kongTs(transport: Transport, missing: string | undefined): Proxy {
  return {
    name: transport,
    title: `kong-ts, ${transport}`,
    missing: existsSync(kongCommand) ? missing : kongCommand,
    figures: figureNames,
    isDirect: false,
    version: () => version(kongCommand, ['version']),
    prepare: (site) => prepareKong(site, transport),
    start: (site) => startKong(site, transport),
  }
}

function missingAddon(): string | undefined {
  const addon = loadAddon()
  return 'missing' in addon ? `the native transport (${addon.missing})` : undefined
}

function haproxy(name: ProxyName, title: string, splice: boolean): Proxy {
  return {
    name,
    title,
    missing: isInstalled('haproxy') ? undefined : 'haproxy',
    // Nothing but bulk is moved in another way with splice.
    figures: splice ? ['bulk', 'bulk8'] : figureNames,
    isDirect: false,
    version: () => version('haproxy', ['-v']),
    prepare: (site) => prepareHaproxy(site, splice),
    start: ({ folder }) => startHaproxy(folder),
  }
}

export const proxies: readonly Proxy[] = [
  kongTs('native', missingAddon()),
  kongTs('portable', undefined),
  {
    name: 'nginx',
    title: 'nginx stream',
    missing: isInstalled('nginx') ? undefined : 'nginx-light and libnginx-mod-stream',
    figures: figureNames,
    isDirect: false,
    version: () => version('nginx', ['-v']),
    prepare: prepareNginx,
    start: ({ folder }) => startNginx(folder),
  },
  haproxy('haproxy', 'HAProxy', false),
  haproxy('haproxy-splice', 'HAProxy, splice', true),
  {
    name: 'direct',
    title: 'direct',
    missing: undefined,
    figures: figureNames.filter((name) => name !== 'start' && !name.startsWith('memory')),
    isDirect: true,
    version: () => 'no proxy',
    prepare: () => undefined,
    start: () => ({ pid: undefined, isRunning: () => true, stop: async () => {} }),
  },
]
