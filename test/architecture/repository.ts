import { existsSync, readFileSync, readdirSync } from 'node:fs'

/** The folder of the checkout, with a slash at its end. */
export const root = new URL('../..', import.meta.url).pathname

const generated = new Set(['node_modules', '.git', 'coverage', 'dist', '.kong-ts'])

/** Every file below a folder of the checkout, by its path from the root; nothing that was installed or made. */
export function files(folder = ''): string[] {
  if (!existsSync(root + folder)) return []
  return readdirSync(root + folder, { withFileTypes: true })
    .filter((entry) => !generated.has(entry.name))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      return entry.isDirectory() ? files(path) : [path]
    })
    .toSorted()
}

export function folders(parent: string): string[] {
  return readdirSync(root + parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !generated.has(entry.name))
    .map((entry) => `${parent}/${entry.name}`)
    .toSorted()
}

export function read(path: string): string {
  return readFileSync(root + path, 'utf8')
}

/** A test, or what only tests import. */
export const isTest = (path: string): boolean => /\.(test|fixture)\.ts$/.test(path)

/** The TypeScript that ships: of the PDK, the core, the plugins and the examples, without their tests. */
export function sources(): string[] {
  return ['pdk', 'core', 'plugins', 'sdk-examples']
    .flatMap((folder) => files(folder))
    .filter((path) => path.includes('/src/') && path.endsWith('.ts') && !isTest(path))
}

/** Every plugin and every example, bundled or not: folders of one shape. */
export const extensions = [...folders('plugins'), ...folders('sdk-examples')]
