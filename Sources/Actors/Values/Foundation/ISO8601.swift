/// Dates in ISO 8601 as milliseconds since 1970, in the proleptic Gregorian calendar as in JavaScript (ECMA-262,
/// "Date Time String Format").
enum ISO8601 {
    /// The range of JavaScript's dates: 100 million days around 1970.
    private static let range: ClosedRange<Double> = -8_640_000_000_000_000...8_640_000_000_000_000
    private static let millisecondsPerDay = 86_400_000

    /// The text that JavaScript's `toISOString` writes, or nil if JavaScript has no such date.
    static func text(milliseconds: Double) -> String? {
        guard range.contains(milliseconds) else { return nil }
        let milliseconds = Int(milliseconds)
        let day = floorDivide(milliseconds, by: millisecondsPerDay)
        let time = milliseconds - day * millisecondsPerDay
        let (year, month, dayOfMonth) = date(ofDay: day)
        let yearText =
            (0...9999).contains(year)
            ? padded(year, 4) : (year < 0 ? "-" : "+") + padded(Int(year.magnitude), 6)
        return yearText + "-" + padded(month, 2) + "-" + padded(dayOfMonth, 2) + "T" + padded(time / 3_600_000, 2)
            + ":" + padded(time / 60_000 % 60, 2) + ":" + padded(time / 1_000 % 60, 2) + "."
            + padded(time % 1_000, 3) + "Z"
    }

    /// The seconds since 1970 of a date and time with an offset from UTC, or nil if the text is not one.
    static func seconds(_ text: [UInt8]) -> (whole: Int, fraction: Double)? {
        var reader = ISO8601Reader(text)
        guard let year = reader.year(), reader.take("-"), let month = reader.number(2, in: 1...12), reader.take("-"),
            let day = reader.number(2, in: 1...daysInMonth(month, of: year)), reader.take("Tt"),
            let hour = reader.number(2, in: 0...23), reader.take(":"), let minute = reader.number(2, in: 0...59),
            reader.take(":"), let second = reader.number(2, in: 0...59), let fraction = reader.fraction(),
            let offset = reader.offsetInMinutes(), reader.isAtEnd
        else { return nil }
        let minutes = (days(year, month, day) * 24 + hour) * 60 + minute - offset
        return (minutes * 60 + second, fraction)
    }

    private static func daysInMonth(_ month: Int, of year: Int) -> Int {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// The number of days from 1970-01-01 to a date. Years begin in March here, so that the leap day is the last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month > 2 ? year : year - 1
        let era = floorDivide(year, by: 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The reverse of `days(_:_:_:)`.
    private static func date(ofDay day: Int) -> (year: Int, month: Int, day: Int) {
        let day = day + 719_468
        let era = floorDivide(day, by: 146_097)
        let dayOfEra = day - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let year = yearOfEra + era * 400 + (month < 10 ? 0 : 1)
        return (year, month < 10 ? month + 3 : month - 9, dayOfYear - (153 * month + 2) / 5 + 1)
    }

    private static func floorDivide(_ dividend: Int, by divisor: Int) -> Int {
        let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
