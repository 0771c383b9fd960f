export function addonPath(variant?: string): string
export function compiledFiles(): string[]
export function sourcesDigest(): string
