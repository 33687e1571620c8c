import { describe, expect, it, vi } from "vitest";
import type { AnswerMessage } from "../../js/src/contract";
import { FileDesk, GONE } from "../../js/src/files";
import { csv_table } from "../../js/src/panels/files";
import { Pictures, picture_type } from "../../js/src/pictures";
import { is_numeric, joined, parse, sorted, table_of } from "../../js/src/tables";
import type { Answer } from "../../js/src/wishes";

const table = (columns: string[], ...rows: (string | number | boolean | null)[][]) => ({ columns, rows });

describe("tables", () => {
  it("reads JSON with numbers that JSON has not", () => {
    expect(parse('{"a": [NaN, -Infinity, "NaN \\"Infinity"]}')).toEqual({ a: ["NaN", "-Infinity", 'NaN "Infinity'] });
    expect(() => parse("{")).toThrow();
  });

  it("takes texts for such numbers only in columns of numbers", () => {
    const found = table_of("table", {
      columns: ["a", "b"],
      data: [
        [1, "NaN"],
        ["NaN", "x"],
        [null, "y"],
      ],
    });
    expect(found.rows).toEqual([
      [1, "NaN"],
      [Number.NaN, "x"],
      [null, "y"],
    ]);
  });

  it("shows each chart's JSON as rows", () => {
    const matrix = {
      data: {
        class_labels: ["a", "b"],
        matrix: [
          [1, 2],
          [3, 4],
        ],
      },
    };
    expect(table_of("confusion_matrix", matrix)).toEqual(
      table(["true ↓ predicted →", "a", "b"], ["a", 1, 2], ["b", 3, 4]),
    );
    const bins = { data: { bin_edges: [0, 1, 2], bin_counts: [5, 6] } };
    expect(table_of("residuals", bins)).toEqual(table(["from", "to", "counts"], [0, 1, 5], [1, 2, 6]));
    const accuracy = {
      data: {
        class_labels: ["a"],
        probability_tables: [[[1, 2, 3, 4]]],
        percentile_tables: [[[5, 6, 7, 8]]],
        probability_thresholds: [0.5],
        percentile_thresholds: [0.9],
      },
    };
    expect(table_of("accuracy_table", accuracy).rows).toEqual([
      ["a", "probability", 0.5, 1, 2, 3, 4],
      ["a", "percentile", 0.9, 5, 6, 7, 8],
    ]);
    expect(() => table_of("confusion_matrix", { data: {} })).toThrow('lacks "class_labels"');
    const later = { schema_version: "1.7.0", data: { bin_edges: [0, 1], bin_counts: ["NaN"] } };
    expect(table_of("residuals", later).rows).toEqual([[0, 1, Number.NaN]]);
    expect(() => table_of("residuals", { ...later, schema_version: "2.0" })).toThrow("no 1.x");
    expect(() => table_of("table", [])).toThrow('lacks "columns"');
  });

  it("joins parts by the names of their columns", () => {
    expect(joined([table(["a", "b"], [1, 2]), table(["b", "c"], [3, 4])])).toEqual(
      table(["a", "b", "c"], [1, 2, null], [null, 3, 4]),
    );
  });

  it("sorts numbers as numbers and what is none last, both ways, equals as they were", () => {
    const mixed = table(["a", "n"], [10, 0], [null, 1], [9, 2], [Number.NaN, 3], ["x", 4], [9, 5]);
    const order = (is_down: boolean) => sorted(mixed, { column: 0, is_down }).map((row) => row[1]);
    expect(order(false)).toEqual([2, 5, 0, 4, 1, 3]);
    expect(order(true)).toEqual([4, 0, 2, 5, 1, 3]);
    expect(sorted(mixed, null)).toBe(mixed.rows);
    expect(is_numeric(table(["a"], [1], [Number.NaN], [null]), 0)).toBe(true);
    expect(is_numeric(mixed, 0)).toBe(false);
  });

  it("reads CSV with quotes, line breaks in them and missing cells", () => {
    const text = '\ufeffname,value\r\n"a, ""b""\nc",1.5\r\nd\r\n007,-2e3\r\n';
    expect(csv_table(text, ",")).toEqual(table(["name", "value"], ['a, "b"\nc', 1.5], ["d", null], ["007", -2000]));
    expect(csv_table("a\tb\n1\t2", "\t")).toEqual(table(["a", "b"], [1, 2]));
    expect(csv_table("", ",").rows).toEqual([]);
  });
});

describe("pictures", () => {
  it("goes by what is in the file", () => {
    expect(picture_type(new Uint8Array([0x89, 0x50, 0x4e, 0x47]))).toBe("image/png");
    expect(picture_type(new TextEncoder().encode("RIFF1234WEBP"))).toBe("image/webp");
    expect(picture_type(new TextEncoder().encode("<svg onload=alert(1)>"))).toBeNull();
  });

  it("fetches what was asked for last first, once, and frees all of it", async () => {
    const revoked = vi.spyOn(URL, "revokeObjectURL").mockImplementation(() => {});
    vi.spyOn(URL, "createObjectURL").mockImplementation(() => "blob:x");
    const fetched: string[] = [];
    const pictures = new Pictures(async (path) => {
      fetched.push(path);
      return path === "bad" ? "It is gone." : new Uint8Array([0x89, 0x50, 0x4e, 0x47]);
    });
    const all = ["a", "b", "bad"].map((path) => pictures.picture(path));
    pictures.picture("a");
    await vi.waitFor(() => expect(all[1]?.value.kind).toBe("shown"));
    expect(fetched).toEqual(["a", "bad", "b"]);
    expect(all[2]?.value).toEqual({ kind: "failed", why: "It is gone." });
    pictures.dispose();
    expect(revoked).toHaveBeenCalledTimes(2);
  });
});

const answer = (message: Partial<AnswerMessage>, ...buffers: Uint8Array[]): Answer => ({
  message: { kind: "answer", id: 1, seq: 1, ...message },
  buffers: buffers.map((bytes) => new DataView(bytes.buffer)),
});

describe("the file desk", () => {
  it("puts a file together from its parts, as it was at the first", async () => {
    const data = new Uint8Array(2_500_000).map((_, place) => place % 251);
    const desk = new FileDesk(
      async (_, { start = 0, length = 0 }) =>
        answer({ size: data.length, start }, data.slice(start, start + Math.min(length, 1024 * 1024))),
      () => true,
    );
    const whole = await desk.whole("a");
    expect(whole?.every((byte, place) => byte === data[place]) && whole.length).toBe(data.length);
    expect(await desk.whole("a", () => false)).toBeNull();
  });

  it("says what went wrong, and that the kernel is gone", async () => {
    const desk = new FileDesk(
      async (name) => (name === "files" ? answer({ error: "No such folder." }) : null),
      () => true,
    );
    await desk.list("x");
    expect(desk.note.value).toBe("No such folder.");
    await desk.list_logged();
    expect(desk.note.value).toBe(GONE);
    expect(await desk.whole("a")).toBeNull();
  });

  it("looks again only while the run goes on", async () => {
    vi.useFakeTimers();
    let is_live = true;
    const look = vi.fn(async () => {});
    const desk = new FileDesk(
      async () => null,
      () => is_live,
    );
    const stop = desk.watch(look);
    await vi.advanceTimersByTimeAsync(20_500);
    expect(look).toHaveBeenCalledTimes(3);
    is_live = false;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(look).toHaveBeenCalledTimes(3);
    is_live = true;
    stop();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(look).toHaveBeenCalledTimes(3);
    vi.useRealTimers();
  });
});
