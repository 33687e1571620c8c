import { describe, expect, it } from "vitest";
import type { LogMessage, LogPart } from "../../js/src/contract";
import { LogDesk } from "../../js/src/logs/desk";
import type { Answer, Extra } from "../../js/src/wishes";

const encoder = new TextEncoder();
const MORE = 300_000;

/** A kernel with one file, which answers as `logs.py` does. */
class Kernel {
  asked: [string, Extra][] = [];
  is_gone = false;
  is_frozen = false;
  file: Uint8Array = new Uint8Array(0);
  generation = 1;
  readonly desk: LogDesk = new LogDesk(
    (name, extra) => this.answer(name, extra),
    () => this.is_frozen,
  );

  write(text: string): LogPart & { bytes: Uint8Array } {
    const start = this.file.length;
    const bytes = encoder.encode(text);
    const both = new Uint8Array(start + bytes.length);
    both.set(this.file);
    both.set(bytes, start);
    this.file = both;
    return { ...this.part(start), bytes };
  }

  /** What a tick sends. */
  tick(part: LogPart & { bytes: Uint8Array }, changed: Partial<LogMessage> = {}): void {
    const { bytes, ...facts } = part;
    this.desk.heard({ kind: "log", seq: 1, now: 1, at: 1, parts: [facts], ...changed }, [bytes]);
  }

  part(start: number): LogPart {
    return { path: "a.log", start, size: this.file.length, generation: this.generation };
  }

  private async answer(name: string, extra: Extra): Promise<Answer | null> {
    this.asked.push([name, extra]);
    if (this.is_gone) return null;
    const answer: Answer = { message: { kind: "answer", id: 1, seq: 1 }, buffers: [] };
    if (name === "log_find") {
      const text = new TextDecoder().decode(this.file);
      const from = extra.start ?? 0;
      const sought = extra.find === "error" ? "ERROR" : (extra.text ?? "");
      const found = extra.back ? text.lastIndexOf(sought, from - 1) : text.indexOf(sought, from);
      Object.assign(answer.message, {
        found: found < 0 ? null : found,
        searched_to: extra.back ? 0 : this.file.length,
      });
    } else if (extra.path) {
      const start = name === "logs" ? Math.max(0, this.file.length - 131_072) : (extra.start ?? 0);
      const end = name === "logs" ? this.file.length : start + (extra.length ?? 0);
      answer.message.parts = [this.part(start)];
      answer.buffers = [this.file.slice(start, end)];
    }
    if (name === "logs") answer.message.files = [{ path: "a.log", size: this.file.length, modified: 1 }];
    if (answer.message.files) this.desk.heard(answer.message, answer.buffers);
    return answer;
  }
}

const opened = async (text: string) => {
  const kernel = new Kernel();
  kernel.write(text);
  await kernel.desk.begin();
  return kernel;
};
const texts = (kernel: Kernel) => kernel.desk.text.lines.map((line) => line.text);
const lines = (count: number, first = 0) =>
  Array.from({ length: count }, (_, index) => `line ${String(first + index).padStart(6, "0")}\n`).join("");

describe("The logs of a view", () => {
  it("open with the likeliest file, and follow it", async () => {
    const kernel = await opened("one\n");
    expect(kernel.desk.path.value).toBe("a.log");
    kernel.tick(kernel.write("two\n"));
    expect(texts(kernel)).toEqual(["one", "two"]);
    expect(kernel.desk.unread.value).toBe(0);
  });

  it("take nothing twice, and lose nothing to a second view that opens the same file", async () => {
    const kernel = await opened("one\n");
    const part = kernel.write("two\n");
    kernel.tick(part);
    kernel.tick(part);
    kernel.tick({ ...kernel.part(0), bytes: encoder.encode("one\ntwo\n") });
    expect(texts(kernel)).toEqual(["one", "two"]);
  });

  it("jump to the tail when the kernel left a gap, and can load what lies between", async () => {
    const kernel = await opened(lines(10));
    kernel.write(lines(30_000, 10));
    const start = kernel.file.length - 24_000;
    kernel.tick({ ...kernel.part(start), bytes: kernel.file.slice(start) });
    expect([kernel.desk.text.start, kernel.desk.text.is_at_end]).toEqual([start + 12, true]);
    while (kernel.desk.text.start > 0) await kernel.desk.load_above();
    expect(texts(kernel)).toEqual(lines(30_010).trimEnd().split("\n"));
  });

  it("keep what is being read, count what comes, and go to the end when told", async () => {
    const kernel = await opened(lines(10));
    kernel.desk.stop_following();
    kernel.tick(kernel.write(lines(3, 10)));
    expect([kernel.desk.unread.value, texts(kernel).length]).toEqual([3, 13]);
    kernel.write(lines(30_000, 13));
    const start = kernel.file.length - 24_000;
    kernel.tick({ ...kernel.part(start), bytes: kernel.file.slice(start) });
    expect(texts(kernel)[0]).toBe("line 000000");
    expect(kernel.desk.text.is_at_end).toBe(false);
    kernel.desk.follow();
    await Promise.resolve();
    expect(texts(kernel).at(-1)).toBe("line 030012");
    expect(kernel.desk.unread.value).toBe(0);
  });

  it("load on at the lower end", async () => {
    const kernel = await opened(lines(50_000));
    await kernel.desk.go_to(120);
    expect(kernel.desk.text.start).toBe(0);
    while (!kernel.desk.text.is_at_end) await kernel.desk.load_below();
    expect(texts(kernel)).toEqual(lines(50_000).trimEnd().split("\n"));
  });

  it("begin anew when the file was rewritten, and say so", async () => {
    const kernel = await opened("old\n");
    kernel.file = new Uint8Array(0);
    kernel.generation = 2;
    kernel.tick(kernel.write("new\n"));
    expect(texts(kernel)).toEqual(["new"]);
    expect(kernel.desk.note.value).toContain("rewritten");
  });

  it("say what cannot be read, and that the kernel is gone, and keep the text", async () => {
    const kernel = await opened("one\n");
    kernel.tick({ ...kernel.part(4), error: "It may not be read.", bytes: new Uint8Array(0) });
    expect(kernel.desk.note.value).toBe("It may not be read.");
    kernel.tick(kernel.write("two\n"));
    expect(kernel.desk.note.value).toBe("");
    kernel.is_gone = true;
    await kernel.desk.first_error();
    expect(kernel.desk.note.value).toContain("kernel is gone");
    expect(texts(kernel)).toEqual(["one", "two"]);
  });

  it("stand still while the view is paused, and catch up after it", async () => {
    const kernel = await opened("one\n");
    kernel.is_frozen = true;
    kernel.tick(kernel.write("two\n"));
    expect(texts(kernel)).toEqual(["one"]);
    kernel.is_frozen = false;
    kernel.desk.catch_up();
    await Promise.resolve();
    expect(texts(kernel)).toEqual(["one", "two"]);
  });

  it("go to the first error of the whole file", async () => {
    const kernel = await opened(`${lines(1_000)}ERROR here\n${lines(MORE / 12, 1_000)}`);
    expect(kernel.desk.text.start).toBeGreaterThan(0);
    await kernel.desk.first_error();
    const { text, target } = kernel.desk;
    expect(text.lines[text.line_at(target.value?.offset ?? 0)]?.text).toBe("ERROR here");
    expect(kernel.desk.is_following.value).toBe(false);
  });

  it("say that nothing was found, and how far was searched", async () => {
    const kernel = await opened("one\n");
    await kernel.desk.first_error();
    expect(kernel.desk.note.value).toBe("There is no error that this view knows.");
    kernel.desk.query.value = "two";
    await kernel.desk.find_text(4, true);
    expect(kernel.desk.note.value).toBe("There is no “two” before this.");
  });

  it("download every byte", async () => {
    const kernel = await opened(lines(50_000));
    const blob = await kernel.desk.download();
    const bytes = new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0));
    expect([bytes.length, bytes.every((byte, at) => byte === kernel.file[at])]).toEqual([600_000, true]);
    expect(kernel.desk.fetched.value).toBeNull();
  });

  it("open at the line that was asked for before they were on screen", async () => {
    const kernel = new Kernel();
    kernel.write(`${lines(1_000)}ValueError: no\n${lines(MORE / 12, 1_000)}`);
    kernel.desk.show("a.log", 12_000);
    expect(kernel.asked).toEqual([]);
    await kernel.desk.begin();
    await new Promise((resolve) => setTimeout(resolve));
    const { text, target } = kernel.desk;
    expect(text.lines[text.line_at(target.value?.offset ?? 0)]?.text).toBe("ValueError: no");
  });

  it("ask for nothing more once they are out of sight", async () => {
    const kernel = await opened("one\n");
    kernel.desk.end();
    expect(kernel.asked.at(-1)).toEqual(["logs", {}]);
    kernel.desk.catch_up();
    expect(kernel.asked.at(-1)).toEqual(["logs", {}]);
  });
});
