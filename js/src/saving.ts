/** Hands a file to the reader. */
export function save(name: string, blob: Blob): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1_000);
}

/** `train/loss` as the name of a file: `train-loss.svg`. */
export function file_name(text: string, ending: string): string {
  const plain = text
    .normalize("NFC")
    .replace(/[^\p{L}\p{N}._]+/gu, "-")
    .replace(/^[-.]+|[-.]+$/g, "");
  return `${[...plain].slice(0, 80).join("") || "chart"}.${ending}`;
}
