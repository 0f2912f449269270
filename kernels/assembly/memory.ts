// Where the host's arena may begin: everything below belongs to the module.

/** First byte of memory that the host may use. */
export function heapBase(): usize {
  return __heap_base
}
