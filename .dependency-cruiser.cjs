// Who may import whom. The layers are the pipeline: a folder of core imports only from folders above it.
const layers = [
  'errors',
  'settings',
  'entities',
  'declarative',
  'store',
  'routing',
  'balancing',
  'certificates',
  'plugins',
  'pipeline',
  'gateway',
  'transport',
  'connection',
  'node',
  'admin',
  'cli',
]

const tests = String.raw`\.(test|fixture)\.ts$`
const builtIn = { dependencyTypesNot: ['core'] }

const layerRules = layers.map((layer, index) => ({
  name: `core-layers-${layer}`,
  comment: `core/src/${layer} imports only from ${layers.slice(0, index).join(', ') || 'no other folder'}.`,
  severity: 'error',
  from: { path: `^core/src/${layer}/` },
  to: { path: '^core/src/', pathNot: `^core/src/(${layers.slice(0, index + 1).join('|')})/` },
}))

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: 'core-transport-stands-alone',
      comment: 'The sockets know the error codes and nothing else of the gateway.',
      severity: 'error',
      from: { path: '^core/src/transport/', pathNot: tests },
      to: { path: '^core/src/', pathNot: '^core/src/(errors|transport)/' },
    },
    {
      name: 'core-folders-are-layers',
      comment: 'A folder of core that is not in the list of layers has no place in the pipeline.',
      severity: 'error',
      from: { path: '^core/src/[^/]+/', pathNot: `^core/src/(${layers.join('|')})/` },
      to: {},
    },
    {
      name: 'core-knows-no-plugin',
      comment: 'A bundled plugin is loaded by its name, as a stranger’s is.',
      severity: 'error',
      from: { path: '^core/' },
      to: { path: '^(plugins|sdk-examples)/|^node_modules/(@kong-ts/plugin-|kong-ts-plugin-)' },
    },
    {
      name: 'core-uses-the-pdk-by-its-exports',
      severity: 'error',
      from: { path: '^core/', pathNot: tests },
      to: { path: '^pdk/', pathNot: '^pdk/src/(index|host)\\.ts$' },
    },
    {
      name: 'pdk-imports-only-ajv-cel-and-node',
      comment:
        'ajv checks configurations, cel-js evaluates what operators write (docs/decisions/0015); every plugin carries both.',
      severity: 'error',
      from: { path: '^pdk/', pathNot: tests },
      to: { ...builtIn, pathNot: '^pdk/|^node_modules/(ajv|@marcbachmann/cel-js)/' },
    },
    {
      name: 'pdk-tests-import-little',
      severity: 'error',
      from: { path: '^pdk/.*\\.(test|fixture)\\.ts$' },
      to: {
        ...builtIn,
        pathNot: '^pdk/|^node_modules/(ajv|@marcbachmann/cel-js|vitest|fast-check)/',
      },
    },
    {
      name: 'plugins-import-only-the-pdk',
      comment:
        'A plugin stands on @kong-ts/pdk, Node and what its own package.json names, so that a copied folder works.',
      severity: 'error',
      from: { path: '^((?:plugins|sdk-examples)/[^/]+)/', pathNot: tests },
      to: { dependencyTypesNot: ['core', 'npm'], pathNot: '^$1/|^pdk/src/index\\.ts$' },
    },
    {
      name: 'plugin-tests-import-the-test-kit',
      severity: 'error',
      from: { path: '^((?:plugins|sdk-examples)/[^/]+)/.*\\.(test|fixture)\\.ts$' },
      to: {
        ...builtIn,
        pathNot: '^$1/|^pdk/src/(index|testing/index)\\.ts$|^node_modules/(vitest|fast-check)/',
      },
    },
    {
      name: 'nobody-imports-test',
      severity: 'error',
      from: { path: '^(pdk|core|plugins|sdk-examples)/' },
      to: { path: '^test/' },
    },
    {
      name: 'source-imports-no-test',
      severity: 'error',
      from: { pathNot: `${tests}|^test/` },
      to: { path: tests },
    },
    {
      name: 'parsing-knows-no-socket',
      comment: 'What reads bytes from strangers is pure and can be fuzzed.',
      severity: 'error',
      from: { path: '^core/src/routing/client-hello', pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'sockets-live-in-transport',
      comment: 'Everything else talks to the seam of core/src/transport/transport.ts.',
      severity: 'error',
      from: { path: '^core/src/(routing|plugins|pipeline|gateway|connection)/', pathNot: tests },
      to: { path: '^(node:)?tls$', dependencyTypesNot: ['type-only'] },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'everything-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(?!node_modules/).*/dist/|^(coverage|dist)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    detectProcessBuiltinModuleCalls: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.cjs', '.mjs', '.json'],
    },
  },
}
