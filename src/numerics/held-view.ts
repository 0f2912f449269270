/**
 * A view of kernel memory, made once and again when the memory has grown and moved: making one for every variant costs more
 * than what is read through it. Never an empty one.
 */
export class HeldView<A extends { readonly length: number }> {
  readonly #make: () => A
  #view: A

  constructor(make: () => A) {
    this.#make = make
    this.#view = make()
  }

  /** Valid until the next allocation. */
  get now(): A {
    // The view of memory that has moved has length 0.
    if (this.#view.length === 0) this.#view = this.#make()
    return this.#view
  }
}
