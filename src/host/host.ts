// What differs between Node and a page, as one interface that readers and stages receive. Types only: any folder may
// import them.

/** Random access to the bytes of one file. */
export interface ByteSource {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /**
   * The bytes of [start, end), both clipped to the file; shorter only at its end. They may be put at the beginning of
   * `into`, where it has room for them: new memory costs more than the copy of bytes into it.
   */
  read(start: number, end: number, signal?: AbortSignal, into?: ArrayBufferLike): Promise<Uint8Array>
  close(): Promise<void>
}

/** A file being written; it appears under its name only when `commit` returns. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<void>
  /** Syncs and puts the file in place. */
  commit(): Promise<void>
  /** Leaves nothing behind. */
  discard(): Promise<void>
}

export type ColumnType = 'string' | 'int32' | 'float64' | 'boolean'

export interface Column {
  readonly name: string
  readonly type: ColumnType
  /** False for what another column or file already says: it does not enter a digest of results. */
  readonly inDigest?: false
  /** An empty cell of a line of text is an empty text here; elsewhere it is missing. */
  readonly emptyText?: true
}

export interface TableSchema {
  readonly name: string
  readonly columns: readonly Column[]
  /** Columns that together are unique and give the order of the rows. */
  readonly key: readonly string[]
}

export type Cell = string | number | boolean | null

/** Rows by column, all of one length. A missing cell is null. */
export type ColumnBatch = Record<string, readonly Cell[]>

export interface TableWriter {
  append(batch: ColumnBatch): Promise<void>
  /** Writes the Parquet file in the order in which rows were appended, 20,480 rows a group. */
  commit(): Promise<void>
  discard(): Promise<void>
}

/**
 * `counted`: lines have the columns behind the first, which counts rows from 0, and cells stand as they are. `headed`: the first
 * line, which is not among the rows, names every column, and an empty cell is missing.
 */
export type LinesForm = 'counted' | 'headed'

export interface Tables {
  /** Rows must come in key order: nothing is sorted here. */
  write(path: string, schema: TableSchema): Promise<TableWriter>
  /** Writes a table from a text file of `rows` lines whose cells are parted by tabs. */
  fromLines(lines: string, rows: number, path: string, schema: TableSchema, form: LinesForm): Promise<void>
  read(path: string, schema: TableSchema): AsyncIterable<ColumnBatch>
  /**
   * Any Parquet file as text, a batch of columns at a time. Numbers have the shortest digits that give them back (whole ones no
   * decimals), dates are YYYY-MM-DD, times of day follow a space and are left out at midnight, what has a time zone ends with Z.
   */
  text(path: string): Promise<{
    columns: { name: string; number: boolean }[]
    batches: AsyncIterable<(readonly (string | null)[])[]>
  }>
}

export interface Host {
  open(path: string): Promise<ByteSource>
  create(path: string): Promise<ByteSink>
  /** Names in a folder, sorted by code unit. */
  list(folder: string): Promise<string[]>
  exists(path: string): Promise<boolean>
  /** Removes a file that the caller made; no error when it is not there. */
  remove(path: string): Promise<void>
  /** Inflates one raw DEFLATE stream whose decompressed size is known; refuses any other size. */
  inflateRaw(bytes: Uint8Array, size: number): Uint8Array | Promise<Uint8Array>
  /** Inflates one Zstandard frame whose decompressed size is known; refuses any other size. */
  inflateZstd(bytes: Uint8Array, size: number): Uint8Array | Promise<Uint8Array>
  /**
   * Inflates Zstandard frames of any size, piece by piece: memory is bounded whatever they declare. Refuses what is cut
   * or damaged, with the byte; checksums are checked where frames have them.
   */
  inflateZstdPieces(pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
  /** Compresses to one raw DEFLATE stream; the same bytes on any machine with this version. */
  deflateRaw(bytes: Uint8Array, level?: number): Uint8Array | Promise<Uint8Array>
  /** CRC-32 of gzip, as an unsigned number. */
  crc32(bytes: Uint8Array): number
  sha256(): { update(bytes: Uint8Array): void; hex(): string }
  readonly tables: Tables
}
