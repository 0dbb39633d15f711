/** What we use of the module that Emscripten made of libpg_query; the package types only its own wrapper. */
declare module 'libpg-query/wasm/libpg-query.js' {
  export interface GrammarModule {
    /** The module's memory; another array after it has grown. */
    readonly HEAPU8: Uint8Array;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    /** Gives a struct of three pointers: syntax tree as JSON, output on stderr, error. 0 when there is no memory. */
    _wasm_parse_query_raw(sql: number): number;
    _wasm_free_parse_result(result: number): void;
    getValue(pointer: number, type: 'i32'): number;
    UTF8ToString(pointer: number): string;
    stringToUTF8(text: string, pointer: number, limit: number): void;
    lengthBytesUTF8(text: string): number;
  }

  export default function createModule(options: {
    instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void): void;
  }): Promise<GrammarModule>;
}

/** The part of WebAssembly that is used; TypeScript has its types only together with those of a browser. */
declare namespace WebAssembly {
  type Module = { readonly kind: 'WebAssembly.Module' };
  type Imports = Readonly<Record<string, unknown>>;
  class Instance {
    constructor(module: Module, imports: Imports);
  }
  function compile(bytes: Uint8Array): Promise<Module>;
}
