"""Words that names of the demo are put together from. All persons and companies are invented."""

from typing import Final

PEOPLE_HOME: Final = (
    "陈思远", "林若岚", "Wang Lei", "赵启明", "周子衿", "Liu Yiran", "孙佩文", "郭星河", "何雨桐",
    "Gao Zhiwei", "马千里", "罗知夏", "梁景行", "宋明澈", "Xie Ning", "韩叙", "唐晚晴", "冯嘉树",
    "于清扬", "Dong Hao", "萧凡", "程雪见", "曹立群", "Yuan Meng", "邓书言", "许南乔", "傅云深",
    "沈昭宁", "Peng Fei", "吕望舒", "苏砚秋", "蒋一诺", "Cai Jing", "贾维桢", "魏长歌", "薛听雨",
)  # fmt: skip
PEOPLE_ABROAD: Final = (
    "Emma Fischer", "Daniel Okafor", "李安然", "Sofia Marchetti", "Chan Ka Yan", "Jonas Lindqvist",
    "Hannah Price", "高桥凛",
)  # fmt: skip

BRANDS: Final = (
    "澄岳", "沐川", "霁原", "朗屿", "栖澜", "砚池", "曜禾", "汀舟", "柏宸", "璟岚", "拾微", "岱青",
    "溯源石", "云栈", "鹿泽", "衡芷", "远岫", "明墟", "禾渡", "星垣",
)  # fmt: skip
TRADES: Final = {
    "biotech": ("生物科技", "Biotech"),
    "pharma": ("医药", "Pharma"),
    "materials": ("新材料", "Materials"),
    "food": ("食品检测", "Food Testing"),
    "environment": ("环境科技", "Environmental"),
    "university": ("理工研究院", "Research Institute"),
    "electronics": ("微电子", "Microelectronics"),
}
"""Industry: its words in a Chinese and in an English company name."""

BRANDS_LATIN: Final = (
    "Larkfeld", "Brightmoor", "Aozora", "Kestrel Bay", "Nordvik", "Tallowmere", "Quillon",
    "Ostrava Hill", "Pinecrest Vale", "Sundermoor", "Hollin", "Veldhaven",
)  # fmt: skip
LEGAL_FORMS: Final = {
    "Munich": "GmbH",
    "Tokyo": "K.K.",
    "Chicago": "Inc.",
    "Hong Kong": "Ltd",
}

MERCHANTS: Final = {
    "meal": ("面馆小满", "四季粥铺", "Corner Noodle House", "稻香里", "老街饺子"),
    "lodging": ("云杉商务酒店", "澜庭酒店", "Harbour Lane Hotel", "青柠里酒店", "和风驿栈"),
    "local_transport": ("城市出租", "轻舟出行", "Metro Card Service", "机场快线"),
    "rail": ("铁路客票",),
    "flight": ("东岚航空", "Skylane Airways", "云途航空"),
    "entertainment": ("望江楼", "兰亭小宴", "Terrace Grill", "湖畔人家", "半亩园"),
    "gift": ("文房雅集", "Lotus Tea House", "纪念品定制坊"),
    "communication": ("移动通信营业厅", "Telecom Business Hall"),
    "mileage": ("",),
    "office": ("晨曦文具", "Paper & Ink", "数码配件城"),
    "parking": ("停车管理", "City Parking"),
}
PURPOSES: Final = {
    "meal": ("工作用餐", "Working meal"),
    "lodging": ("出差住宿", "Hotel, customer visit"),
    "local_transport": ("市内交通", "Taxi to the customer", "往返客户现场"),
    "rail": ("高铁出行", "Train to the customer"),
    "flight": ("航班出行", "Flight to the customer"),
    "entertainment": ("项目沟通餐叙", "Dinner with the customer", "技术交流后用餐"),
    "gift": ("节日伴手礼", "Souvenir for the visit"),
    "communication": ("手机话费", "Mobile phone bill"),
    "mileage": ("自驾拜访客户", "Own car, customer visit"),
    "office": ("办公用品", "Printing and stationery", "演示配件"),
    "parking": ("停车费", "Parking"),
}
REASONS: Final = (
    "展会期间附近酒店均已涨价，已事先与主管沟通",
    "The customer moved the meeting at short notice; nothing cheaper was left",
    "客户临时增加参会人员",
    "The receipt was lost with the luggage; see the note of the airline",
    "原计划行程因天气取消，改签产生",
)
