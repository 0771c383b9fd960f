import { resolve } from 'node:path'
import type { Command } from 'commander'
import { defaultConfFile } from '../settings/default-conf-file.ts'
import { resolvePrefix } from '../settings/resolve-prefix.ts'
import { resolveSettings, type ResolvedSettings } from '../settings/resolve-settings.ts'
import type { World } from './world.ts'

/** Options that several commands share. */
export interface CommonOptions {
  readonly conf?: string
  readonly prefix?: string
  readonly v?: boolean
  readonly vv?: boolean
}

/** What `start` and `restart` take. */
export interface StartOptions extends CommonOptions {
  readonly detach?: boolean
  /** Shows no screen: for the process in the background. */
  readonly quiet?: boolean
  readonly runMigrations?: boolean
  /** Milliseconds. */
  readonly dbTimeout?: number
  readonly lockTimeout: number
}

export function withPrefix(command: Command): Command {
  return command
    .option('-p, --prefix <folder>', 'working folder of the node (default: .kong-ts)')
    .option('--v', 'verbose')
    .option('--vv', 'debug')
}

export function withConf(command: Command): Command {
  return withPrefix(command.option('-c, --conf <file>', 'configuration file, as kong.conf'))
}

/** All settings, from the file, the environment and the flags of a command. */
export function readSettings(options: CommonOptions, world: World): ResolvedSettings {
  return resolveSettings({ ...sourcesOf(options, world), cwd: world.cwd })
}

/** The prefix alone: enough to talk to a running node. */
export function readPrefix(options: CommonOptions, world: World): string {
  return resolvePrefix({ ...sourcesOf(options, world), cwd: world.cwd })
}

function sourcesOf(options: CommonOptions, { env, cwd }: World) {
  return { file: confFile(options.conf, cwd), env, flags: flagsOf(options) }
}

export function confFile(named: string | undefined, cwd: string): string | undefined {
  return named === undefined ? defaultConfFile() : resolve(cwd, named)
}

function flagsOf({ prefix, v, vv }: CommonOptions): Record<string, string> {
  return {
    ...(prefix === undefined ? {} : { prefix }),
    ...(v === true ? { log_level: 'info' } : {}),
    ...(vv === true ? { log_level: 'debug' } : {}),
  }
}
