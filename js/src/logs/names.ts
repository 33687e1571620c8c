/** What log files of known names are for. The first that fits holds. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/(^|\/)70_driver_log_\d+\.txt$|(^|\/)std_log_process_\d+\.txt$/, "the output of your script, one process"],
  [/(^|\/)70_driver_log[^/]*\.txt$|(^|\/)std_log[^/]*\.txt$/, "the output of your script"],
  [/(^|\/)70_mpi_log\.txt$/, "starting the processes with MPI"],
  [/(^|\/)process_info\.json$/, "which processes were started"],
  [/(^|\/)process_status\.json$/, "how the processes ended"],
  [/(^|\/)(\d+_)?azureml\.log$/, "what the supervisor of the script did"],
  [/(^|\/)job_prep_azureml\.log$/, "setting up, in detail"],
  [/(^|\/)job_release_azureml\.log$/, "tidying up, in detail"],
  [/(^|\/)[^/]*start_cms/, "starting the helper that moves data"],
  [/(^|\/)[^/]*prep_cmd/, "the helper’s work before your script"],
  [/(^|\/)[^/]*release_cmd/, "the helper’s work after your script"],
  [/(^|\/)stdout[^/]*$|\.out$/, "what the script printed"],
  [/(^|\/)stderr[^/]*$|\.err$/, "what the script wrote to its error stream"],
  [/(^|\/)20_image_build_log\.txt$/, "building the container image"],
  [/(^|\/)55_[^/]*\.txt$/, "preparing the machine and the container"],
  [/(^|\/)(60|65)_[^/]*prep[^/]*\.txt$/, "setting up, before your script"],
  [/(^|\/)60_control_log\.txt$/, "setting up, step by step"],
  [/(^|\/)75_[^/]*\.txt$/, "saving outputs, after your script"],
  [/(^|\/)hyperdrive\.txt$/, "what the sweep decided, child by child"],
  [/(^|\/)executionlogs\.txt$/, "what the service did, step by step"],
  [/(^|\/)lifecycler\//, "starting and stopping the job’s containers"],
  [/(^|\/)data_capability\//, "mounting and fetching data"],
  [/(^|\/)snapshot_capability\//, "fetching your code"],
  [/(^|\/)metrics_capability\//, "sending metrics"],
  [/(^|\/)hosttools_capability\//, "collecting logs"],
  [/(^|\/)cs_capability\//, "keys and identities"],
  [/^system_logs\//, "the service’s own steps"],
  [/^user_logs\//, "the output of your script"],
  [/(^|\/)automl\.log$/, "what AutoML tried, pipeline by pipeline"],
  [/(^|\/)worker[^/]*$|(^|\/)rank[-_]?\d+[^/]*$/, "one worker of several"],
  [/\.\d{1,3}$/, "an older part, rotated away"],
];

/** What a file is for, in a few words; empty when its name does not tell. */
export const purpose = (path: string): string => NAMES.find(([name]) => name.test(path))?.[1] ?? "";

/** The file to begin with: the script's own output, else what was written last. */
export function likeliest(files: readonly { path: string; modified: number | null; size: number | null }[]): string {
  const rank = (path: string) =>
    /^system_logs\/|^logs\/azureml\/(?!std)|^outputs\/|\/(20|55|60|65|75)_|process_(info|status)/.test(path)
      ? 2
      : purpose(path).includes("your script")
        ? 0
        : 1;
  const sorted = [...files].sort(
    (one, other) =>
      rank(one.path) - rank(other.path) ||
      Number(other.size !== 0) - Number(one.size !== 0) ||
      (other.modified ?? 0) - (one.modified ?? 0),
  );
  return sorted[0]?.path ?? "";
}
