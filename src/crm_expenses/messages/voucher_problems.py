"""What is wrong with a file of a voucher, or with where it is kept."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "doctor.files": (
        "{count} files of vouchers stand in {path}",
        "{path} 中有 {count} 个凭证附件",
    ),
    "doctor.files_wrong": (
        "of the files of vouchers in {path}, {missing} are missing and {altered} have another size than when they came. Restore them from a backup; `crm-expenses audit verify` names them",
        "{path} 中的凭证附件：缺少 {missing} 个，{altered} 个的大小与收到时不同。请从备份恢复；`crm-expenses audit verify` 会逐一列出",
    ),
    "doctor.files_open": (
        "other users of this machine may look into {path}, where the files of vouchers are. Run: chmod 700 {path}",
        "本机其他用户可以查看存放凭证附件的 {path}。请运行：chmod 700 {path}",
    ),
    "doctor.files_refused": (
        "{crm}: {count} files of vouchers were given up. `crm-expenses vouchers files` says why; mend the reason, then run `crm-expenses vouchers retry`",
        "{crm}：{count} 个凭证附件已放弃。`crm-expenses vouchers files` 给出原因；排除后运行 `crm-expenses vouchers retry`",
    ),
    "vouchers.too_large": (
        "the file {name} has {size} bytes or more; at most {limit} are kept (file_bytes_max under [store] in the settings). Make it smaller, or raise the limit and run `crm-expenses vouchers retry`",
        "文件 {name} 不少于 {size} 字节；最多保存 {limit} 字节（设置中 [store] 的 file_bytes_max）。请压缩文件，或提高上限后运行 `crm-expenses vouchers retry`",
    ),
    "vouchers.size_differs": (
        "of the file {name}, {size} bytes came, but the CRM says that there are {told}: it was cut off, or the CRM is wrong. It is fetched again by the next sync",
        "文件 {name} 收到 {size} 字节，而 CRM 称有 {told} 字节：可能传输中断，或 CRM 有误。下次同步会重新下载",
    ),
    "vouchers.shelf": (
        "the folder {path} for files of vouchers cannot be used: {detail}. Check the disk and the permissions, or name another folder (files under [store])",
        "无法使用存放凭证附件的文件夹 {path}：{detail}。请检查磁盘与权限，或另行指定（[store] 的 files）",
    ),
    "vouchers.digest": (
        "{value} is not a SHA-256 of 64 hexadecimal digits, so no file of a voucher can have it. Run `crm-expenses doctor`",
        "{value} 不是 64 位十六进制的 SHA-256，凭证附件不会有这样的摘要。请运行 `crm-expenses doctor`",
    ),
    "vouchers.unreadable": (
        "the file {path} cannot be read: {detail}. Check the path and its permissions",
        "无法读取文件 {path}：{detail}。请检查路径与权限",
    ),
    "vouchers.folder": (
        "the folder {path} cannot be written into: {detail}. Name another folder",
        "无法写入文件夹 {path}：{detail}。请另选文件夹",
    ),
}
