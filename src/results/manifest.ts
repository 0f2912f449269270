export interface StageRecord {
  stage: string
  /** Folder under .stages, `<stage>-<key>`. */
  folder: string
  key: string
  digest: string
  version: number
  cached: boolean
  seconds: number
  chunks: number
  chunksReused: number
  files: string[]
}

/** `manifest.json`: written last; what it names is current. */
export interface Manifest {
  upturn: string
  study: string
  seed: number
  resultDigest: string
  primary: { test: string; alpha: number; frozenAt: string } | null
  stages: StageRecord[]
  inputs: { path: string; bytes: number; sha256: string }[]
  machine: { node: string; platform: string; cores: number; workers: number }
  seconds: number
  /** Every parameter after defaults. */
  parameters: unknown
  notice: string
}
