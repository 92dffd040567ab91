"""Invented names: words that streets, courts and villages of the plains are named with, put together anew."""

from random import Random

_ROAD = "文德和永兴华康乐春秋长安景新富民学荷柳枫桂梅松竹锦泰瑞祥盛星晨云丰禾清泉"
_LANE = "盐米竹铁染书井石柳桂槐杏豆油灯鼓箭砖瓦麻糖酱茶酒药鞋伞扇笔墨琴马羊鹅鱼莲藕菱"
_LANE2 = "市行作坊场塘桥家仓店树园子门巷"
_COURT = [
    "锦绣",
    "金桂",
    "翠湖",
    "东方",
    "阳光",
    "和谐",
    "书香",
    "碧水",
    "紫藤",
    "银杏",
    "玉兰",
    "天和",
    "景园",
    "江南",
    "盛世",
    "禾香",
    "云锦",
    "星河",
    "荷塘",
    "鹤鸣",
    "望月",
    "春晓",
]
_COURT2 = ["花园", "小区", "雅苑", "家园", "名邸", "新村", "华庭", "公寓", "嘉园"]
_VILLAGE = (
    "张李王赵孙周吴郑陈沈蒋韩杨朱许何吕施曹严华金陶姜戚谢邹柏窦章潘葛范彭鲁韦马苗方俞"
    "任袁柳史唐薛雷贺汤罗毕安常乐于傅齐康顾孟黄穆萧尹"
)
_VILLAGE2 = ["庄", "圩", "垛", "家舍", "桥", "甸", "墩", "湾", "楼", "荡", "集", "庵", "滩", "沟", "家桥", "老庄"]
_WORKS = ["纺织", "机械", "电子", "食品", "包装", "化纤", "铸造", "木业", "照明", "管业", "仓储", "物流"]

_SUFFIX = {"tertiary": "路", "residential": "街", "unclassified": "路", "living_street": "巷", "footway": "巷"}


def street(highway: str, style: str, rng: Random) -> str:
    """Name a street; small paths and service roads mostly have no name."""
    if highway in ("service", "track") or (highway == "footway" and style != "old"):
        return ""
    if style in ("hamlet", "fringe", "village") and rng.random() < 0.7:
        return ""
    if style == "old" and highway != "residential":
        return rng.choice(_LANE) + rng.choice(_LANE2) + _SUFFIX[highway]
    first, second = rng.sample(_ROAD, 2)
    return first + second + ("路" if style in ("new", "industrial", "compound") else _SUFFIX[highway])


def place(use: str, rng: Random) -> str:
    """Name what stands on a block, if such blocks bear names."""
    if use == "compound":
        return rng.choice(_COURT) + rng.choice(_COURT2)
    if use == "school":
        return "".join(rng.sample(_ROAD, 2)) + rng.choice(["小学", "中学", "幼儿园"])
    if use == "mall":
        return rng.choice(_COURT) + rng.choice(["广场", "商城", "购物中心"])
    if use == "works":
        return "".join(rng.sample(_ROAD, 2)) + rng.choice(_WORKS) + "厂"
    return ""


def village(rng: Random) -> str:
    """Name a village."""
    return rng.choice(_VILLAGE) + rng.choice(_VILLAGE2)
