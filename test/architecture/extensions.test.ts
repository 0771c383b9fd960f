import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

import { describe, expect, test } from 'vitest'

import { extensions, files, read, root } from './repository.ts'

interface Declared {
  readonly name: string
  readonly priority: number
  readonly version: string
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports: Record<string, string>
  readonly dependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
}

const present = extensions.filter((folder) => existsSync(`${root}${folder}/src/index.ts`))

async function load(folder: string): Promise<Declared> {
  const url = pathToFileURL(`${root}${folder}/src/index.ts`).href
  const loaded = (await import(url)) as { readonly default: Declared }
  return loaded.default
}

function manifest(folder: string): Manifest {
  return JSON.parse(read(`${folder}/package.json`)) as Manifest
}

describe.each(extensions)('%s', (folder) => {
  const bare = folder.slice(folder.indexOf('/') + 1).replace(/^\d+-/, '')
  const prefix = folder.startsWith('plugins/') ? '@kong-ts/plugin-' : ''

  test('has the one shape of an extension', () => {
    expect(files(folder)).toEqual(
      expect.arrayContaining(
        ['README.md', 'package.json', 'src/index.test.ts', 'src/index.ts'].map(
          (file) => `${folder}/${file}`,
        ),
      ),
    )
  })

  test('is a package that depends on the PDK as a peer and on nothing else of ours', () => {
    const { name, exports, dependencies, peerDependencies } = manifest(folder)
    expect(name.startsWith(prefix) && name.endsWith(bare), name).toBe(true)
    expect(exports).toMatchObject({ '.': './src/index.ts' })
    expect(peerDependencies).toHaveProperty(['@kong-ts/pdk'])
    expect(Object.keys(dependencies ?? {}).filter((key) => key.startsWith('@kong-ts/'))).toEqual([])
  })

  test('declares the plugin that its folder is named after', async () => {
    const { name, version } = await load(folder)
    expect(name).toBe(bare)
    expect(version).toBe(manifest(folder).version)
  })
})

test('no two plugins share a priority, so that their order is never a matter of luck', async () => {
  const priorities = new Map<number, string>()
  for (const folder of present) {
    const { name, priority } = await load(folder)
    expect(priorities.get(priority), `${name} at ${priority}`).toBeUndefined()
    priorities.set(priority, name)
  }
  expect(priorities.size).toBe(extensions.length)
})
