/** The files of a package, their text by path. */
export type PackageFiles = ReadonlyMap<string, string>

export interface Scaffold {
  /** Of the new plugin. */
  readonly name: string
  /** The folder of the example, as `1-maintenance`. */
  readonly example: string
  /** Its sources, and its README. */
  readonly files: PackageFiles
  /** Where an editor finds the types: by the name of a module, absolute. */
  readonly types: Readonly<Record<string, string>>
  /** Of the PDK. */
  readonly version: string
  /** How the plugin's folder is written on a command line. */
  readonly place: string
}

/** A package of a plugin that does what an example does, under its own name. */
export function pluginPackage(scaffold: Scaffold): PackageFiles {
  const { name, version } = scaffold
  const manifest = {
    name: `kong-ts-plugin-${name}`,
    version: '0.1.0',
    type: 'module',
    exports: { '.': './src/index.ts', './package.json': './package.json' },
    scripts: { test: 'kong-ts plugins test .' },
    peerDependencies: { '@kong-ts/pdk': `^${version}` },
    engines: { node: '>=24' },
  }
  return new Map([
    ...[...scaffold.files].map(([path, text]) => [path, rename(text, scaffold)] as const),
    ['package.json', toJson(manifest)],
    ['tsconfig.json', toJson(compilerSettings(scaffold))],
  ])
}

/** What the gateway itself is compiled with, which lets Node run the file as it is. */
function compilerSettings({ types }: Scaffold) {
  const { node = '', ...modules } = types
  return {
    compilerOptions: {
      target: 'es2024',
      module: 'nodenext',
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      verbatimModuleSyntax: true,
      erasableSyntaxOnly: true,
      allowImportingTsExtensions: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
      typeRoots: [node],
      paths: Object.fromEntries(Object.entries(modules).map(([module, path]) => [module, [path]])),
    },
    include: ['src'],
  }
}

function toJson(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/** Puts the new name where the example's stands; a word of a sentence stays. */
function rename(text: string, { name, example, place }: Scaffold): string {
  const old = example.replace(/^\d+-/, '')
  const identifier = camel(old)
  const renamed = text
    .replaceAll(`./sdk-examples/${example}/src/index.ts`, `${place}/src/index.ts`)
    .replace(/^# \d+: .*$/m, `# ${name}`)
    .replaceAll(`'${old}'`, `'${name}'`)
    .replaceAll(`plugin.${old}.`, `plugin.${name}.`)
    .replaceAll(`name=${old}`, `name=${name}`)
  const uses = new RegExp(`(import |\\(\\s*)${identifier}(?=[ ,)])`, 'g')
  return renamed.replaceAll(uses, (_whole, before: string) => before + camel(name))
}

function camel(name: string): string {
  return name.replaceAll(/-(.)/g, (_dash, letter: string) => letter.toUpperCase())
}
