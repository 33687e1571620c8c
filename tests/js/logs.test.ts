import { describe, expect, it } from "vitest";
import { nearest } from "../../js/src/logs/ansi";
import { is_error, traceback } from "../../js/src/logs/errors";
import { Heights } from "../../js/src/logs/heights";
import { Lines, last_state } from "../../js/src/logs/lines";
import { marked } from "../../js/src/logs/marks";
import { likeliest, purpose } from "../../js/src/logs/names";
import { CHARACTERS, LogText } from "../../js/src/logs/text";
import css from "../../js/src/logs.css";
import recorded from "./recorded/errors.json";

const encoder = new TextEncoder();
const bytes = (text: string) => encoder.encode(text);
const log = (text: string | Uint8Array) => {
  const made = new LogText();
  const data = typeof text === "string" ? bytes(text) : text;
  made.replace(data, 0, data.length, 1);
  return made;
};
const texts = (made: LogText) => made.lines.map((line) => line.text);

describe("Lines", () => {
  it.each([
    ["two lines\nof text\n", ["two lines", "of text"]],
    ["no end", ["no end"]],
    ["", []],
    ["\n\n", ["", ""]],
    ["windows\r\nlines\r\n", ["windows", "lines"]],
    ["10 %\r50 %\r100 %\ndone\n", ["100 %", "done"]],
    ["10 %\r50 %\r", ["50 %"]],
    ["50 %\r   \r", ["50 %"]],
    ["50 %\r\x1b[K\r\n", ["50 %"]],
    ["abc\b\bX\n", ["aX"]],
    ["a\0b\x07c\n", ["abc"]],
    ["\ufeffmarked\n", ["marked"]],
    ["safe \u202egnp.exe\n", ["safe gnp.exe"]],
    ["\x1b]0;title\x07text\x1b[2K\x1b(B!\n", ["text!"]],
    ["cut short \x1b[3", ["cut short "]],
  ])("reads %j", (raw, expected) => {
    expect(texts(log(raw))).toEqual(expected);
  });

  it("gives the same however the bytes are cut", () => {
    const raw = bytes("\x1b[31mrot – größe 🎯\x1b[0m\r\n1 %\r2 %\rüber\b\bX\r\nTraceback\nעברית\nend 🎯");
    const whole = log(raw);
    for (let size = 1; size < 12; size++) {
      const made = new LogText();
      made.replace(raw.subarray(0, size), 0, size, 1);
      for (let at = size; at < raw.length; at += size) made.append(raw.subarray(at, at + size), raw.length);
      expect(made.lines).toEqual(whole.lines);
      expect(made.end).toBe(raw.length);
    }
  });

  it("replaces what is no UTF-8, and goes on", () => {
    expect(texts(log(new Uint8Array([0x61, 0xff, 0xfe, 0x62, 10, 0xc3, 10, 0x63])))).toEqual(["a��b", "�", "c"]);
  });

  it("keeps of an endless progress bar the last state and little else", () => {
    const source = new Lines(0);
    let last = "";
    for (let step = 0; step < 20_000; step++) last = source.add(bytes(`\rstep ${step} of 20,000`)).growing?.text ?? "";
    expect(last).toBe("step 19999 of 20,000");
    const { complete } = source.add(bytes("\nnext\n"));
    expect(complete.map((line) => line.text)).toEqual(["step 19999 of 20,000", "next"]);
    const skipped = Array.from({ length: 20_000 }, (_, step) => `\rstep ${step} of 20,000`).join("").length + 1;
    expect(complete[1]?.start).toBe(skipped);
  });

  it("breaks a line that never ends", () => {
    const made = log("x".repeat(300_000));
    made.append(bytes("x".repeat(300_000)), 600_000);
    expect(made.lines.length).toBe(2);
    expect(made.lines.map((line) => line.start)).toEqual([0, 300_000]);
  });

  it("says where each line begins in the file", () => {
    expect(log("añb\r\n1\r22\nend").lines.map((line) => line.start)).toEqual([0, 6, 11]);
  });
});

describe("Colours", () => {
  const spans = (raw: string) => log(raw).lines.map((line) => line.spans);

  it("become classes, and hold until they are taken back", () => {
    expect(spans("\x1b[1;31mred\x1b[0m plain \x1b[92mgreen\nstill\x1b[m\nplain")).toEqual([
      [
        { text: "red", style: "rd-ink-1 rd-bold" },
        { text: " plain ", style: "" },
        { text: "green", style: "rd-ink-10" },
      ],
      [{ text: "still", style: "rd-ink-10" }],
      null,
    ]);
  });

  it("of 256 and of millions come near one of 16", () => {
    expect(spans("\x1b[38;5;196mA\x1b[38;2;0;180;0mB\x1b[48;5;4mC\x1b[39;49mD")[0]?.map((span) => span.style)).toEqual([
      "rd-ink-9",
      "rd-ink-2",
      "rd-ink-2 rd-ground-4",
      "",
    ]);
    expect([nearest(128, 128, 128), nearest(0, 0, 0), nearest(255, 255, 255), nearest(255, 255, 0)]).toEqual([
      8, 0, 15, 11,
    ]);
  });

  it("never reach the page as anything but text", () => {
    const [line] = log("\x1b[31m<img src=x onerror=alert(1)>").lines;
    expect(line?.text).toBe("<img src=x onerror=alert(1)>");
  });

  it("can be read on every background of the themes", () => {
    const found = [...css.matchAll(/--rd-ansi-(\d+): (#[0-9a-f]{6})/g)].map((match) => match[2] ?? "");
    expect(found.length).toBe(48);
    // Jupyter's lightest and darkest, and the tint behind an error.
    for (const colour of found.slice(0, 16))
      for (const ground of ["#ffffff", "#f4f4f4", "#fbf1f2"])
        expect(contrast(colour, ground), `${colour} on ${ground}`).toBeGreaterThan(4.5);
    for (const colour of found.slice(16))
      for (const ground of ["#111418", "#212121", "#2c2526"])
        expect(contrast(colour, ground), `${colour} on ${ground}`).toBeGreaterThan(4.5);
  });
});

function contrast(one: string, other: string): number {
  const light = (colour: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
  };
  const [low = 1, high = 1] = [light(one), light(other)].sort((a, b) => a - b);
  return high / low;
}

describe("Errors", () => {
  it.each(recorded.lines as [string, boolean][])("are what Python says: %j", (line, expected) => {
    expect(is_error(line)).toBe(expected);
  });

  it.each(recorded.states as [string, string][])("are looked for in the line's last state: %j", (raw, expected) => {
    expect((log(raw).lines[0]?.text ?? "").trimEnd()).toBe(expected);
  });
});

const TRACEBACK = [
  "Traceback (most recent call last):",
  '  File "train.py", line 3, in <module>',
  "    main()",
  '  File "train.py", line 2, in main',
  '    raise ValueError("no")',
  "ValueError: no",
];

describe("Tracebacks", () => {
  const find = (lines: string[], first = 0) => traceback((index) => lines[index], first);

  it("end with the line that names the exception", () => {
    expect(find([...TRACEBACK, "after"])).toEqual({ first: 0, last: 5, frames: 2 });
  });

  it("of a chain are one", () => {
    const between = ["", "During handling of the above exception, another exception occurred:", ""];
    expect(find([...TRACEBACK, ...between, ...TRACEBACK])).toEqual({ first: 0, last: 14, frames: 4 });
  });

  it("may stand behind a prefix", () => {
    expect(find(TRACEBACK.map((line) => `[rank0]: ${line}`))).toEqual({ first: 0, last: 5, frames: 2 });
  });

  it("that are not over yet are not folded", () => {
    expect(find(TRACEBACK.slice(0, 4))).toBeNull();
    expect(log(TRACEBACK.slice(0, 4).join("\n")).rows(new Set()).rows).toEqual([0, 1, 2, 3]);
  });

  it("are folded to two rows, and opened one by one", () => {
    const made = log(["before", ...TRACEBACK, "between", ...TRACEBACK].join("\n"));
    const { rows, folds } = made.rows(new Set());
    expect(rows).toEqual([0, 1, 6, 7, 8, 13]);
    expect(folds.get(1)).toEqual({ hidden: 4, frames: 2, is_open: false });
    expect(made.rows(new Set([made.lines[1]?.start ?? 0])).rows).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 13]);
  });
});

describe("A window on a file", () => {
  const numbered = (count: number, from = 0) =>
    Array.from({ length: count }, (_, index) => `line ${String(from + index).padStart(6, "0")}\n`).join("");

  it("begins at a whole line, and grows at both ends", () => {
    const all = bytes(numbered(100));
    const made = new LogText();
    made.replace(all.subarray(606), 606, all.length, 1);
    expect(texts(made)[0]).toBe("line 000051");
    expect(made.is_numbered).toBe(false);
    made.prepend(all.subarray(300, made.start), 300);
    expect(texts(made)[0]).toBe("line 000026");
    expect(made.first_number).toBe(-24);
    made.prepend(all.subarray(0, made.start), 0);
    expect(texts(made)).toEqual(texts(log(all)));
    expect([made.is_numbered, made.first_number, made.start, made.end]).toEqual([true, 1, 0, 1200]);
    made.append(bytes("more"), 1204);
    expect([texts(made).at(-1), made.is_at_end]).toEqual(["more", true]);
  });

  it("stays bounded at both ends", () => {
    const made = log("");
    for (let part = 0; part < 40; part++) made.append(bytes(numbered(20_000, part * 20_000)), 1e9);
    expect(made.lines.reduce((sum, line) => sum + line.text.length, 0)).toBeLessThanOrEqual(CHARACTERS);
    expect(made.lines.length).toBeLessThanOrEqual(200_000);
    expect(texts(made).at(-1)).toBe("line 799999");
    expect(made.first_number).toBe(600_001);
    expect(made.lines[made.line_at(made.start + 25)]?.text).toBe("line 600002");
    const { start, end } = made;
    made.prepend(bytes(numbered(100_000, 500_000)), start - 1_200_000);
    expect(made.end).toBeLessThan(end);
    expect(made.is_at_end).toBe(false);
    expect(made.first_number).toBe(500_002);
  });
});

describe("Small things", () => {
  it("the last state of a line", () => expect(last_state("a\rb\r")).toBe("b"));

  it("what is found is marked across styles", () => {
    const [line] = log("one \x1b[31mTwo\x1b[0m three").lines;
    if (!line) throw new Error("There is no line.");
    expect(marked(line, "E T", Number.POSITIVE_INFINITY)).toEqual([
      { text: "on", style: "", is_match: false },
      { text: "e ", style: "", is_match: true },
      { text: "T", style: "rd-ink-1", is_match: true },
      { text: "wo", style: "rd-ink-1", is_match: false },
      { text: " three", style: "", is_match: false },
    ]);
    expect(marked(line, "", 5).map((piece) => piece.text)).toEqual(["one ", "T"]);
  });

  it("known names say what they are for, and the script's own output comes first", () => {
    expect(purpose("azureml-logs/70_driver_log.txt")).toBe("the output of your script");
    // Every file that the original listed, and those of its successor.
    for (const name of [
      "azureml-logs/20_image_build_log.txt",
      "azureml-logs/55_azureml-execution-tvmps_1.txt",
      "azureml-logs/60_control_log.txt",
      "azureml-logs/65_job_prep-tvmps_1.txt",
      "azureml-logs/70_driver_log_3.txt",
      "azureml-logs/70_mpi_log.txt",
      "azureml-logs/75_job_post-tvmps_1.txt",
      "azureml-logs/process_info.json",
      "azureml-logs/process_status.json",
      "azureml-logs/sidecar/tvmps_1/start_cms/all.log",
      "azureml-logs/sidecar/tvmps_1/prep_cmd/all.log",
      "azureml-logs/sidecar/tvmps_1/release_cmd.txt",
      "logs/azureml/110_azureml.log",
      "logs/azureml/azureml.log",
      "logs/azureml/job_prep_azureml.log",
      "logs/azureml/job_release_azureml.log",
      "logs/azureml/stdoutlogs.txt",
      "user_logs/std_log.txt",
      "system_logs/lifecycler/lifecycler.log",
    ])
      expect(purpose(name), name).not.toBe("");
    expect(purpose("logs/azureml/job_prep_azureml.log")).toBe("setting up, in detail");
    expect(purpose("train.log")).toBe("");
    const file = (path: string, modified: number) => ({ path, modified, size: 1 });
    expect(likeliest([file("system_logs/a.log", 9), file("train.log", 1), file("eval.log", 2)])).toBe("eval.log");
    expect(likeliest([file("new.log", 9), file("user_logs/std_log.txt", 1)])).toBe("user_logs/std_log.txt");
    expect(likeliest([])).toBe("");
    const around = [
      "azureml-logs/65_job_prep-vm.txt",
      "logs/azureml/110_azureml.log",
      "azureml-logs/process_info.json",
    ];
    const driver = "azureml-logs/70_driver_log_0.txt";
    expect(likeliest([...around, driver, "outputs/notes.txt"].map((path, at) => file(path, 9 - at)))).toBe(driver);
  });

  it("rows of many heights are found again", () => {
    const heights = new Heights(4, (index) => [10, 30, 20, 10][index] ?? 0);
    expect([heights.total, heights.top(2), heights.at(0), heights.at(39.9), heights.at(40), heights.at(999)]).toEqual([
      70, 40, 0, 1, 2, 3,
    ]);
    expect(new Heights(3, 18).at(20)).toBe(1);
  });
});
