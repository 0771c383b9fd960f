import { enableCompileCache } from 'node:module'

const oldest = 24
if (Number.parseInt(process.versions.node, 10) < oldest) {
  process.stderr.write(`kong-ts needs Node ${oldest} or newer; this is ${process.versions.node}\n`)
  process.exit(1)
}
enableCompileCache()

// Loaded late, so that an older Node is refused before it reads what it cannot.
const { runCommandLine } = await import('./cli/run-command-line.ts')
const { processWorld } = await import('./cli/process-world.ts')

async function stored() {
  const { storedConfiguration } = await import('./node/configuration/stored-configuration.ts')
  return storedConfiguration(process.cwd())
}

const code = await runCommandLine(
  process.argv.slice(2),
  processWorld({
    entry: import.meta.filename,
    startGateway: async (settings, options) => {
      const { startGateway } = await import('./start.ts')
      return startGateway(settings, options)
    },
    openSchema: async (settings, timeout) => {
      const { openSchema } = await import('./store/schema.ts')
      return openSchema(settings, timeout)
    },
    configuration: {
      parse: async (...given) => (await stored()).parse(...given),
      export: async (...given) => (await stored()).export(...given),
      import: async (...given) => (await stored()).import(...given),
    },
    loadPlugins: async (specifiers, options) => {
      const { loadCatalogue } = await import('./plugins/catalogue.ts')
      const { listPlugins } = await import('./node/control/control-listings.ts')
      return listPlugins((await loadCatalogue(specifiers, options)).all())
    },
  }),
)
// Whatever a plugin has left open must not keep an ended gateway alive.
const { leave } = await import('./node/workers/leave.ts')
leave(code)
