import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { resolvePlugin } from '../plugins/resolve-plugin.ts'
import { suggest } from '../settings/did-you-mean.ts'
import { examples, pdk, toolFolder } from './checkout.ts'
import { pluginPackage, type PackageFiles } from './plugin-package.ts'
import type { World } from './world.ts'

interface NewOptions {
  readonly from: string
  readonly in?: string
}

export function addNew(plugins: Command, world: World): void {
  plugins
    .command('new')
    .description('a package for a plugin of your own, with a test')
    .argument('<name>', 'name of the plugin: lower-case letters, digits and dashes')
    .option('--from <example>', 'the example to begin with', 'maintenance')
    .option('--in <folder>', 'where to put it; a folder of its name if not given')
    .action((name: string, options: NewOptions) => makePackage(name, options, world))
}

function makePackage(name: string, { from, in: into }: NewOptions, world: World): void {
  checkName(name)
  const example = findExample(from)
  const folder = resolve(world.cwd, into ?? name)
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new Error(`${folder} is not empty; name another folder with --in`)
  }
  const place = written(folder, world.cwd)
  const files = pluginPackage({
    name,
    example,
    place,
    files: readExample(join(examples, example)),
    types: {
      '@kong-ts/pdk': join(pdk, 'src/index.ts'),
      '@kong-ts/pdk/testing': join(pdk, 'src/testing/index.ts'),
      vitest: join(toolFolder('vitest'), 'dist/index.d.ts'),
      node: dirname(toolFolder('@types/node')),
    },
    version: versionOf(pdk),
  })
  for (const [path, text] of files) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  world.terminal.write(
    [
      `${place} is ready: ${[...files.keys()].toSorted().join(', ')}`,
      '',
      `Test it:  kong-ts plugins test ${place}`,
      `Try it:   kong-ts dev ${place}`,
      `Run it:   KONG_PLUGINS=bundled,${place} kong-ts start`,
    ].join('\n'),
  )
}

function checkName(name: string): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new Error(
      `'${name}' is no name for a plugin: lower-case letters, digits and single dashes, a letter first`,
    )
  }
  if (resolvePlugin(name, examples)?.from === 'bundled') {
    throw new Error(`${name} is the name of a bundled plugin; choose another one`)
  }
}

/** @throws Error that says which there are */
function findExample(asked: string): string {
  const all = readdirSync(examples)
    .filter((name) => /^\d+-/.test(name))
    .toSorted(byNumber)
  const found = all.find((example) => example === asked || plain(example) === asked)
  if (found !== undefined) return found
  const names = all.map(plain)
  const meant = suggest(asked, names)
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`
  throw new Error(`there is no example ${asked}; there are ${names.join(', ')}.${hint}`)
}

/** Without its number. */
function plain(example: string): string {
  return example.replace(/^\d+-/, '')
}

function byNumber(a: string, b: string): number {
  return Number.parseInt(a, 10) - Number.parseInt(b, 10)
}

function readExample(folder: string): PackageFiles {
  const sources = readdirSync(join(folder, 'src')).map((name) => `src/${name}`)
  return new Map(
    ['README.md', ...sources].map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  )
}

function versionOf(folder: string): string {
  const { version }: { readonly version: string } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  )
  return version
}

/** As a user would write it: a relative path where the folder is below. */
function written(folder: string, cwd: string): string {
  const path = relative(cwd, folder)
  return path.startsWith('..') || isAbsolute(path) ? folder : `./${path}`
}
