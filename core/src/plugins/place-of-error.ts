import { fileURLToPath, pathToFileURL } from 'node:url'
import { isPluginFile, plainUrl } from './module-graph.ts'

/** What Node writes above the stack of code that does not parse: the file and its line. */
const unparsed = /^((?:file:\/\/)?\/.+):(\d+)$/m
const frames = /(file:\/\/\/[^\s()]+|\/[^\s()]+):(\d+):\d+\)?$/gm

/** The first place in a plugin's own files that an error tells of, as `/path/of.ts:3`. */
export function placeOfError(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  for (const [, file = '', line = ''] of placesIn(error)) {
    const url = plainUrl(file.startsWith('/') ? pathToFileURL(file).href : file)
    if (isPluginFile(url)) return `${fileURLToPath(url)}:${line}`
  }
  return undefined
}

function placesIn(error: Error): readonly RegExpExecArray[] {
  const stack = String(error.stack)
  const above = error instanceof SyntaxError ? unparsed.exec(stack) : null
  return [...(above ? [above] : []), ...stack.matchAll(frames)]
}
