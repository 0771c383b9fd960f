import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { Command } from 'commander'
import { messageOf } from '../errors/message-of.ts'
import type { RunningGateway } from '../node/description/running.ts'
import { filesOf } from '../plugins/module-graph.ts'
import { resolvePlugin, type PluginLocation } from '../plugins/resolve-plugin.ts'
import { resolveSettings } from '../settings/resolve-settings.ts'
import { devConfiguration, type DevOptions } from './dev-configuration.ts'
import { obeySignals } from './obey-signals.ts'
import { FileWatch } from './file-watch.ts'
import type { CommandContext, World } from './world.ts'

export function addDev(program: Command, { world, finish }: CommandContext): void {
  program
    .command('dev')
    .description('run a gateway with a plugin that you write; it is loaded anew on every save')
    .argument('<plugin>', 'path of the plugin: a file or the folder of a package')
    .option('--config <key=value...>', 'its configuration; nested as limit.second=5', [])
    .option('--route <key=value...>', 'what its route matches, as snis=db.test', [])
    .option('--upstream <url>', 'where connections go (default: they are echoed)')
    .option('--listen <address>', 'where connections are accepted', '127.0.0.1:5555')
    .option('--admin <address>', 'where the Admin API listens', '127.0.0.1:0')
    .action(async (plugin: string, options: DevOptions) =>
      finish(await dev(plugin, options, world)),
    )
}

async function dev(path: string, options: DevOptions, world: World): Promise<number> {
  const location = locate(path, world)
  const [listing] = await world.loadPlugins([path], { cwd: world.cwd })
  if (listing === undefined) throw new Error(`there is no plugin at ${path}`)
  const prefix = mkdtempSync(join(tmpdir(), 'kong-ts-dev-'))
  await using ends = new AsyncDisposableStack()
  ends.defer(() => rmSync(prefix, { recursive: true, force: true }))
  const { settings: changes, upstream } = await devConfiguration(listing.name, options)
  if (upstream) ends.use(upstream)
  const flags = { ...changes, prefix, plugins: `bundled,${path}` }
  const resolved = resolveSettings({ env: world.env, flags, cwd: world.cwd })
  const gateway = await world.startGateway(resolved.settings, {
    warnings: resolved.warnings,
    reread: () => resolved,
  })
  const { report } = gateway
  world.terminal.write(
    [
      `${listing.name} ${listing.version} runs`,
      '',
      `  stream   ${report.stream.join(', ')}`,
      `  admin    http://${report.admin.join(', ')}`,
      `  upstream ${options.upstream ?? 'echo'}`,
      '',
      'Save the plugin to run its new version; connections that live go on with the old one. Ctrl-C stops it.',
    ].join('\n'),
  )
  ends.use(
    new FileWatch(
      () => filesOf(location.url),
      () => follow(gateway, listing.name, world),
    ),
  )
  ends.defer(obeySignals(gateway, world))
  return await gateway.ended
}

function locate(path: string, world: World): PluginLocation {
  const location = resolvePlugin(path, world.cwd)
  if (location) return location
  throw new Error(
    `there is no plugin at ${path}; name a file or the folder of a package, as ./my-plugin.ts`,
  )
}

/** Serves the new version, or says why the old one goes on. */
async function follow(gateway: RunningGateway, name: string, world: World): Promise<void> {
  const begun = performance.now()
  try {
    await gateway.reload()
    world.terminal.write(`${name} is swapped, ${Math.round(performance.now() - begun)} ms`)
  } catch (error) {
    world.terminal.error(`${name} stays as it was: ${messageOf(error)}`)
  }
}
