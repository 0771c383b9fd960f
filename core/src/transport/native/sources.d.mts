export type AddonKind = 'tls' | 'plain'
export const addonKinds: readonly AddonKind[]
export function addonPath(kind?: AddonKind, variant?: string, arch?: string): string
export function compiledFiles(kind?: AddonKind): string[]
export function sourcesDigest(): string
