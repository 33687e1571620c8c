/** The little that we use of the widget manager. It is outside of anywidget's types, so everything is guarded. */
export interface Manager {
  loadModelClass?(name: string, module: string, version: string): Promise<unknown>;
  create_view?(model: unknown): Promise<{ el: HTMLElement; trigger(event: string): void; remove(): void }>;
  context?: { model?: { cells?: Iterable<unknown> } };
  kernel?: { connectionStatus?: string } | null;
}

/** Whether the page's line to Jupyter is known to be down: the kernel may go on, unheard. */
export function is_offline(manager: Manager | undefined): boolean {
  try {
    const status = manager?.kernel?.connectionStatus;
    return status === "connecting" || status === "disconnected";
  } catch {
    return false;
  }
}

/** What anywidget gives to `initialize` and `render`. */
export interface Model {
  get(name: string): unknown;
  on(name: string, callback: (...parts: never[]) => void): void;
  off(name: string, callback?: (...parts: never[]) => void): void;
  send(content: unknown): void;
  widget_manager?: Manager;
}

interface Outputs {
  length: number;
  get(index: number): { toJSON(): { data?: Record<string, unknown> } & Record<string, unknown> };
  set(index: number, value: unknown): void;
}

const is_outputs = (value: unknown): value is Outputs =>
  typeof value === "object" && value !== null && "length" in value && "get" in value && "set" in value;

const text_of = (value: unknown): string =>
  Array.isArray(value) ? value.join("") : typeof value === "string" ? value : "";

function* all_outputs(manager: Manager): Generator<Outputs> {
  for (const cell of manager.context?.model?.cells ?? []) {
    const outputs = (cell as { outputs?: unknown }).outputs;
    if (is_outputs(outputs)) yield outputs;
  }
}

/**
 * Puts the twin where its output is, through the notebook's own model: after a reload of the page the kernel's
 * `update_display` no longer reaches it. False where there is no such model (Voila) or no such output.
 */
export function write_twin(manager: Manager | undefined, key: string, html: string): boolean {
  let was_written = false;
  try {
    for (const outputs of manager ? all_outputs(manager) : []) {
      for (let index = 0; index < outputs.length; index++) {
        const output = outputs.get(index).toJSON();
        const before = text_of(output.data?.["text/html"]);
        if (!before.includes(`rd-twin-${key}`)) continue;
        was_written = true;
        if (before !== html) outputs.set(index, { ...output, data: { ...output.data, "text/html": html } });
      }
    }
  } catch {
    return false;
  }
  return was_written;
}

/** Hides the twin while a live view of the same run is on the page; the returned function shows it again. */
export function hide_twin(key: string): () => void {
  const sheet = document.createElement("style");
  if (/^[\w-]+$/.test(key))
    sheet.textContent = `.jp-OutputArea-child:has(.rd-twin-${key}), .rd-twin-${key} { display: none !important }`;
  document.head.appendChild(sheet);
  return () => sheet.remove();
}
